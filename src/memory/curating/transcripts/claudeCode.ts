import { fieldsOf, shown, type TranscriptEntry } from "./entry.ts";

/**
 * A line of Claude Code's transcript (`transcript_path`): `{type: "user" | "assistant", message: {content}}`, whose content
 * is a text, or a list of texts, uses of tools and their results.
 */
export function claudeCodeEntries(line: unknown): readonly TranscriptEntry[] | undefined {
	const { type, message, attachment, isMeta, isSidechain, isCompactSummary, ...rest } = fieldsOf(line);
	// What hooks add to the conversation.
	if (type === "attachment") return shown(attachment);
	if (type === "system" && "content" in rest) return shown(rest.content);
	if (type !== "user" && type !== "assistant") return undefined;
	const { content } = fieldsOf(message);
	if (content === undefined) return undefined;
	// Claude Code itself wrote it, or a sub-agent whom nobody has talked to.
	if (isMeta === true || isSidechain === true || isCompactSummary === true) return shown(content);
	if (typeof content === "string") return [{ speaker: type, text: content }];
	if (!Array.isArray(content)) return [];
	return content.flatMap((part: unknown) => {
		const { type: kind, text } = fieldsOf(part);
		if (kind === "text" && typeof text === "string") return [{ speaker: type, text }];
		// Thoughts, and what a tool is asked, are the model's own words.
		return kind === "tool_result" || kind === "document" ? shown(part) : [];
	});
}
