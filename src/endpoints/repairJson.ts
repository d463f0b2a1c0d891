import { readJson } from "./readJson.ts";

export interface RepairedJson {
	readonly value: unknown;
	/** False if the answer may not be complete; the value then holds the parts that were. */
	readonly whole: boolean;
}

export type Accept = (value: unknown, alone: boolean) => boolean;

/** Characters of an answer that are read. The longest that we can use is a tenth of it; the rest are thoughts. */
const longestAnswer = 300_000;

/**
 * The beginnings and ends of thoughts, in the ways of DeepSeek and Qwen (`<think>`), Mistral (`[THINK]`), Seed
 * (`<seed:think>`), Kimi, Cohere, Gemma and gpt-oss (channels, also with their special tokens stripped); ends of turns; and brackets.
 */
const marks =
	/(?:[<◁]\|?|\[(?=\/?THINK\]))(?<end>\/|end_of_|end_)?(?:begin_of_|start_)?(?<name>(?:\w{1,20}:)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis|scratchpad))\|?[>\]▷]|<\|channel\|?>\s*(?<channel>analysis|thought|final)|(?<other>assistantfinal|<channel\|>|<\|(?:end|im_end|eot_id|endoftext|return)\|>|<end_of_turn>|<\/s>|^analysis(?=[A-Z]))|[{[]/giu;

/**
 * The last JSON in a model's answer that counts: without thoughts, drafts, code fence and prose around it, and closed if
 * it was cut off. Undefined if there is none. Within the JSON, marks of thoughts are part of somebody's text.
 * @param accept tells which values count, since brackets in prose may happen to be JSON. `alone`: no prose is around
 * the value, or it has a code fence of its own.
 */
export function repairJson(answer: string, accept: Accept = () => true): RepairedJson | undefined {
	const text = answer.slice(0, longestAnswer).trim();
	const mark = new RegExp(marks);
	let found: RepairedJson | undefined;
	let thoughts: string | undefined;
	const doubt = () => {
		if (found) found = { ...found, whole: false };
	};
	for (let next = mark.exec(text); next; next = mark.exec(text)) {
		const { end, name, channel, other } = next.groups ?? {};
		const thought = (name ?? channel ?? other)?.toLowerCase();
		if (thought === "<|end|>") {
			// gpt-oss ends thoughts with it, Phi its answer.
			thoughts = undefined;
		} else if (/^<(\||end|\/s)/.test(thought ?? "")) {
			// The model went on after its turn, in the name of others.
			if (found) break;
		} else if (thought !== undefined) {
			const isAnswer = /final$|^<channel/.test(thought);
			if (isAnswer || (end !== undefined && (thoughts ?? thought) === thought)) {
				// What came before were drafts. Some chat templates drop the opening mark.
				found = undefined;
				thoughts = undefined;
			} else if (end === undefined) thoughts ??= thought;
		} else if (thoughts === undefined) {
			const { index } = next;
			const read = readJson(text, index);
			const counts = read.value !== undefined && accept(read.value, isAlone(text, index, read.end));
			if (counts) found = { value: read.value, whole: read.state === "whole" };
			else if (read.state !== "whole" && looksLikeJson(text, index)) doubt();
			if (read.state === "whole") mark.lastIndex = read.end;
			// The parts of an answer that was cut off must not be taken for the answer.
			else if (read.state === "cut" && read.value !== undefined) break;
		}
	}
	if (answer.length > longestAnswer) doubt();
	return found;
}

/** Looks only a few characters far, so that many values take no longer than one. */
function isAlone(text: string, start: number, end: number): boolean {
	const near = 40;
	const before = text.slice(Math.max(0, start - near), start).trimEnd();
	const after = text.slice(end, end + near);
	return (
		((before === "" && start <= near) ||
			/```\w*$|(<\/[^<>]*|\|)>$|▷$|\/THINK\]$|assistantfinal$/i.test(before)) &&
		(/^\s*(<\|\w+\|>\s*)*```/.test(after) ||
			(end + near >= text.length && /^\s*(<\|\w+\|>\s*)*$/.test(after)))
	);
}

/** Prose has brackets too. */
function looksLikeJson(text: string, start: number): boolean {
	return /^(\{\s*("|$)|\[\s*([[{"]|$))/.test(text.slice(start, start + 200));
}
