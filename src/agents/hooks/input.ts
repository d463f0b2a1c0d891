/** What a client says about the moment. All of it may be missing, or made up. */
export interface HookInput {
	readonly session?: string | undefined;
	readonly folder?: string | undefined;
	readonly prompt?: string | undefined;
	/** How the session began, such as `startup`, `resume` or `compact`. */
	readonly source?: string | undefined;
	/** The file of the conversation so far. */
	readonly transcript?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Characters of names and paths; longer ones are none. */
const longestName = 4096;

/** @throws SyntaxError for a text that is not JSON. */
export function readInput(text: string): HookInput {
	const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
	const fields: Fields = typeof value === "object" && value !== null ? (value as Fields) : {};
	const { prompt } = fields;
	return {
		session: nameIn(fields, "session_id", "sessionId", "conversation_id"),
		folder: nameIn(fields, "cwd") ?? firstIn(fields.workspace_roots),
		prompt: typeof prompt === "string" ? prompt : undefined,
		source: nameIn(fields, "source", "trigger"),
		transcript: nameIn(fields, "transcript_path", "transcriptPath"),
	};
}

function nameIn(fields: Fields, ...names: readonly string[]): string | undefined {
	return names.map((name) => fields[name]).find(isName);
}

function firstIn(list: unknown): string | undefined {
	return Array.isArray(list) ? list.find(isName) : undefined;
}

function isName(value: unknown): value is string {
	return typeof value === "string" && value.trim() !== "" && value.length <= longestName;
}
