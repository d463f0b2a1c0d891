import { fieldsOf, shown, type TranscriptEntry } from "./entry.ts";

/**
 * A line of the events that Copilot's runtime (`session-state/<id>/events.jsonl`) and VS Code's own harness write:
 * `{type: "user.message" | "assistant.message" | "tool.execution_complete" | …, data}`.
 */
export function copilotEntries(line: unknown): readonly TranscriptEntry[] | undefined {
	const { type, data } = fieldsOf(line);
	if (typeof type !== "string" || data === undefined) return undefined;
	const fields = fieldsOf(data);
	const { content, transformedContent, attachments } = fields;
	switch (type) {
		case "user.message":
			return [...said("user", content), ...shown([addedTo(content, transformedContent), attachments])];
		case "assistant.message":
			return said("assistant", content);
		// What a hook was given is what the user said.
		case "hook.start":
		case "tool.execution_start":
			return [];
		default:
			return /^(?:tool|hook|system|skill|subagent)\b/.test(type) ? shown(data) : [];
	}
}

/** What hooks and the client have put around a prompt. */
function addedTo(content: unknown, transformed: unknown): string {
	if (typeof content !== "string" || typeof transformed !== "string") return "";
	return transformed.replace(content, () => "\n");
}

function said(speaker: "user" | "assistant", content: unknown): readonly TranscriptEntry[] {
	return typeof content === "string" && content.trim() !== "" ? [{ speaker, text: content }] : [];
}
