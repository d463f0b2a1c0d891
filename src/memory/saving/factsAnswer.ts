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

/**
 * The texts of the facts in a model's answer. Models take liberties with the form: a bare list, plain texts, `fact`
 * instead of `text`. Undefined for anything but a list of facts, which must not pass for "no facts".
 * @param alone whether the value is the whole answer: a bare list within prose may be a list of anything.
 */
export function factsOf(value: unknown, alone: boolean): readonly string[] | undefined {
	const list = Array.isArray(value) ? (alone ? value : undefined) : firstList(value);
	if (!list) return undefined;
	const texts = list.map(textOf);
	return texts.every((text) => text !== undefined) ? texts.filter((text) => text.trim() !== "") : undefined;
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
