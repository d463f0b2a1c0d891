/** Formats whose ids tell a memory from all others. */
const unique = new Set<unknown>(["mem0", "openmemory", "mcp-memory-service", "mem0-plugin", "chatgpt"]);
/** Shorter ids are numbers that another file may have, too. */
const shortest = 16;

/** Where a memory comes from, as `format:id`; undefined where that does not tell it from others. */
export function sourceKey(metadata: unknown): string | undefined {
	const { source } = (metadata ?? {}) as { readonly source?: unknown };
	if (typeof source !== "object" || source === null) return undefined;
	const { format, id } = source as { readonly format?: unknown; readonly id?: unknown };
	if (!unique.has(format) || typeof id !== "string" || id.length < shortest) return undefined;
	return `${format}:${id}`;
}
