/** What a line of a transcript holds. */
export interface TranscriptEntry {
	/** `shown`: a tool, a file, the system or a hook put it before the model; nobody said it. */
	readonly speaker: "user" | "assistant" | "shown";
	readonly text: string;
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** All texts in a value of any form: results of tools have many. */
export function textsIn(value: unknown, depth = 0): readonly string[] {
	if (typeof value === "string") return value.trim() === "" ? [] : [value];
	if (typeof value !== "object" || value === null || depth > 6) return [];
	return Object.values(value).flatMap((each) => textsIn(each, depth + 1));
}

export function shown(value: unknown): readonly TranscriptEntry[] {
	return textsIn(value).map((text) => ({ speaker: "shown", text }));
}
