import type { JsonSchema } from "../../endpoints/chatModel.ts";

/** The form that mem0ai's prompt asks for, for servers that can enforce a schema (the API's strict mode). */
export const factsSchema: JsonSchema = {
	name: "memories",
	schema: {
		type: "object",
		additionalProperties: false,
		required: ["memory"],
		properties: {
			memory: {
				type: "array",
				items: {
					type: "object",
					additionalProperties: false,
					required: ["id", "text", "attributed_to", "linked_memory_ids"],
					properties: {
						id: { type: "string" },
						text: { type: "string" },
						attributed_to: { type: "string", enum: ["user", "assistant"] },
						linked_memory_ids: { type: "array", items: { type: "string" } },
					},
				},
			},
		},
	},
};

/** Facts that are taken from one answer: a model that gives more has run away. */
const mostFacts = 100;

export interface FactsAnswer {
	readonly texts: readonly string[];
	/** Whether the answer had no more than that: neither more facts than are taken, nor any without a text. */
	readonly whole: boolean;
}

/**
 * The facts in a model's answer. Models take liberties with the form: a bare list, plain texts, `fact` instead of `text`.
 * Undefined for anything but a list of facts, which must not pass for "no facts".
 * @param alone whether the value is the whole answer: a bare list within prose may be a list of anything.
 */
export function readFacts(value: unknown, alone: boolean): FactsAnswer | undefined {
	const list = Array.isArray(value) ? (alone ? value : undefined) : firstList(value);
	if (!list) return undefined;
	const texts = list.flatMap((item) => textOf(item) ?? []);
	if (list.length > 0 && texts.length === 0) return undefined;
	const usable = texts.filter((text) => text.trim() !== "");
	const distinct = [...new Set(usable)];
	return {
		texts: distinct.slice(0, mostFacts),
		whole: usable.length === list.length && distinct.length <= mostFacts,
	};
}

function firstList(value: unknown): readonly unknown[] | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const { memory, memories, facts } = value as Record<string, unknown>;
	return [memory, memories, facts].find(Array.isArray);
}

function textOf(item: unknown): string | undefined {
	if (typeof item === "string") return item;
	if (typeof item !== "object" || item === null) return undefined;
	const { text, fact, memory, content } = item as Record<string, unknown>;
	return [text, fact, memory, content].find((part): part is string => typeof part === "string");
}
