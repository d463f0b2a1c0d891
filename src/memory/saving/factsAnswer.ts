import type { JsonSchema } from "../../endpoints/chatModel.ts";

/**
 * The form that mem0ai's prompt asks for, for servers that can enforce a schema (the API's strict mode).
 * @param more fields of each fact that the prompt asks for besides.
 */
export function factsSchema(more: Readonly<Record<string, object>> = {}): JsonSchema {
	const fields = {
		id: { type: "string" },
		text: { type: "string" },
		attributed_to: { type: "string", enum: ["user", "assistant"] },
		linked_memory_ids: { type: "array", items: { type: "string" } },
		...more,
	};
	const memory = { type: "array", items: strictObject(fields) };
	return { name: "memories", schema: strictObject({ memory }) };
}

/** The strict mode requires every field. */
export function strictObject(
	properties: Readonly<Record<string, object>>,
): Readonly<Record<string, unknown>> {
	return { type: "object", additionalProperties: false, required: Object.keys(properties), properties };
}

/** Facts that are taken from one answer: a model that gives more has run away. */
const mostFacts = 100;

export interface AnsweredFact {
	readonly text: string;
	/** What the model said the fact replaces, whatever form that has. */
	readonly replaces?: unknown;
}

export interface FactsAnswer {
	readonly facts: readonly AnsweredFact[];
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
	const facts = list.flatMap((item) => factOf(item) ?? []);
	if (list.length > 0 && facts.length === 0) return undefined;
	const usable = facts.filter(({ text }) => text.trim() !== "");
	const distinct = [...Map.groupBy(usable, ({ text }) => text).values()].flatMap(([first]) => first ?? []);
	return {
		facts: distinct.slice(0, mostFacts),
		whole: usable.length === list.length && distinct.length <= mostFacts,
	};
}

function firstList(value: unknown): readonly unknown[] | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const { memory, memories, facts } = value as Record<string, unknown>;
	return [memory, memories, facts].find(Array.isArray);
}

function factOf(item: unknown): AnsweredFact | undefined {
	if (typeof item === "string") return { text: item };
	if (typeof item !== "object" || item === null) return undefined;
	const { text, fact, memory, content, replaces } = item as Record<string, unknown>;
	const said = [text, fact, memory, content].find((part): part is string => typeof part === "string");
	return said === undefined ? undefined : { text: said, ...(replaces === undefined ? {} : { replaces }) };
}
