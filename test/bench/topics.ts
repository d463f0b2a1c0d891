import type { Random } from "./random.ts";

/** What the vectors gather around, as facts do around topics: the largest with a fifth of them, many with few. */
const topicCount = 100;
/**
 * Within a topic vectors vary in so many directions of its own, and a little in all. An embedding model's vectors of
 * texts have few directions of freedom, too: to find the ten nearest among 14,000 texts of LoCoMo, embedded by the
 * built-in model, takes our index about as many exact comparisons as among 20,000 of these.
 */
const freedom = 48;
/** Lengths of both, beside a centre of length 1: the cosine of two memories of a topic is about 0.55. */
const own = 0.8;
const every = 0.4;
/** A query lies so much of them away from the memory it asks for: a cosine of about 0.75. */
const queryShare = 0.6;

interface Topic {
	readonly centre: Float32Array;
	readonly directions: readonly Float32Array[];
}

export interface Placed {
	readonly topic: Topic;
	/** Of length 1. */
	readonly vector: Float32Array;
}

/** Makes vectors of memories and of queries for them. */
export class Topics {
	readonly #topics: readonly Topic[];
	readonly #random: Random;
	readonly #noise: Float32Array;

	/** @param common decides on the topics, `random` on what is drawn from them. */
	constructor(dimensions: number, common: Random, random: Random) {
		// Numbers that were drawn once, from another place each time: to draw 100,000 long vectors afresh takes minutes.
		this.#noise = Float32Array.from({ length: 1 << 18 }, () => common.normal());
		const direction = () => unit(this.#noisy(new Float32Array(dimensions), 1, common));
		this.#topics = Array.from({ length: topicCount }, () => ({
			centre: direction(),
			directions: Array.from({ length: freedom }, direction),
		}));
		this.#random = random;
	}

	draw(): Placed {
		const topic = this.#topics[Math.floor(topicCount ** this.#random.next()) - 1] as Topic;
		return { topic, vector: this.#near(topic, topic.centre, 1) };
	}

	query({ topic, vector }: Placed): Float32Array {
		return this.#near(topic, vector, queryShare);
	}

	#near({ directions }: Topic, from: Float32Array, share: number): Float32Array {
		const vector = Float32Array.from(from);
		for (const direction of directions) {
			const size = (share * own * this.#random.normal()) / Math.sqrt(freedom);
			for (let at = 0; at < vector.length; at += 1)
				vector[at] = (vector[at] as number) + size * (direction[at] as number);
		}
		return unit(this.#noisy(vector, share * every, this.#random));
	}

	/** Adds noise of such a length. */
	#noisy(vector: Float32Array, length: number, random: Random): Float32Array {
		const spread = length / Math.sqrt(vector.length);
		for (let at = 0; at < vector.length; ) {
			const count = Math.min(random.between(16, 64), vector.length - at);
			const from = random.between(0, this.#noise.length - count);
			for (let index = 0; index < count; index += 1, at += 1)
				vector[at] = (vector[at] as number) + spread * (this.#noise[from + index] as number);
		}
		return vector;
	}
}

function unit(vector: Float32Array): Float32Array {
	let square = 0;
	for (const value of vector) square += value * value;
	const length = Math.sqrt(square);
	for (let at = 0; at < vector.length; at += 1) vector[at] = (vector[at] as number) / length;
	return vector;
}
