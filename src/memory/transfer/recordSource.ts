/** Where a record comes from: the memory that wrote it, and the id that it has there. */
export interface RecordSource {
	readonly format: "server-memory" | "mcp-memory-service" | "openmemory" | "mem0" | "json";
	readonly id?: string;
	/** The name of the field with the id. */
	readonly field: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Tells the memory by the fields of its records. Undefined for what somebody wrote by hand. */
export function sourceOf(record: Fields): RecordSource | undefined {
	const has = (name: string) => Object.hasOwn(record, name);
	// The entity's name stands in the text; see graph.ts.
	if (has("entity") || has("relation")) return { format: "server-memory", field: "entity" };
	if (has("content_hash")) return withId(record, "mcp-memory-service", "content_hash");
	if (has("content") && (has("state") || has("app") || has("app_id")))
		return withId(record, "openmemory", "id");
	if (has("memory") || (has("data") && has("hash"))) return withId(record, "mem0", "id");
	return has("id") ? withId(record, "json", "id") : undefined;
}

function withId(record: Fields, format: RecordSource["format"], field: string): RecordSource {
	const id = record[field];
	const isId = (typeof id === "string" && id !== "" && id.length <= 1000) || typeof id === "number";
	return isId ? { format, id: String(id), field } : { format, field };
}
