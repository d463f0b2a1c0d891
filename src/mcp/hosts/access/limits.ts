import type { Clock } from "../../../config/clock.ts";
import type { Refusal } from "../admission.ts";

/** Requests of one person that are answered at the same time; event streams do not count. */
const mostAtOnce = 32;

interface Bucket {
	/** Requests that may still be made now; below 0 after a large batch. */
	left: number;
	/** When that was so. */
	at: number;
	/** Requests that are not answered yet. */
	open: number;
}

/** How much each person may ask of this process. */
export class RateLimits {
	readonly #perMinute: number;
	readonly #clock: Clock;
	readonly #onRefuse: () => void;
	readonly #buckets = new Map<string, Bucket>();
	/** @param perMinute 0: any number. */
	constructor(perMinute: number, clock: Clock, onRefuse: () => void = () => undefined) {
		this.#onRefuse = onRefuse;
		this.#perMinute = perMinute;
		this.#clock = clock;
	}

	/** Takes a request. @returns what ends it, or why it is refused. */
	begin(person: string): { readonly end: () => void } | { readonly refusal: Refusal } {
		const bucket = this.#bucketOf(person);
		const wait =
			this.#perMinute === 0 || bucket.left >= 1 ? 0 : (1 - bucket.left) * (60_000 / this.#perMinute);
		if (wait > 0)
			return this.#refuse(
				Math.ceil(wait / 1000),
				`You may make ${this.#perMinute} requests a minute (RATE_LIMIT_PER_MINUTE).`,
			);
		if (bucket.open >= mostAtOnce)
			return this.#refuse(1, `You may have ${mostAtOnce} requests under way at the same time.`);
		bucket.left -= 1;
		bucket.open += 1;
		return {
			end: () => {
				bucket.open -= 1;
			},
		};
	}

	/** The request was a batch of so many more. */
	charge(person: string, more: number): void {
		this.#bucketOf(person).left -= more;
	}

	#bucketOf(person: string): Bucket {
		const now = this.#clock.elapsed();
		let bucket = this.#buckets.get(person);
		if (!bucket) {
			this.#forgetFull(now);
			bucket = { left: this.#perMinute, at: now, open: 0 };
			this.#buckets.set(person, bucket);
		}
		this.#fill(bucket, now);
		return bucket;
	}

	#fill(bucket: Bucket, now: number): void {
		bucket.left = Math.min(this.#perMinute, bucket.left + ((now - bucket.at) * this.#perMinute) / 60_000);
		bucket.at = now;
	}

	/** Whoever has asked nothing for a while is as good as new. */
	#forgetFull(now: number): void {
		for (const [person, bucket] of this.#buckets) {
			this.#fill(bucket, now);
			if (bucket.open === 0 && bucket.left >= this.#perMinute) this.#buckets.delete(person);
		}
	}

	#refuse(seconds: number, why: string): { readonly refusal: Refusal } {
		this.#onRefuse();
		const message = `${why} Try again in ${seconds === 1 ? "a second" : `${seconds} seconds`}.`;
		return { refusal: [429, -32000, message, { "Retry-After": String(seconds) }] };
	}
}
