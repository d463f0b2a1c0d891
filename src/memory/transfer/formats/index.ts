import { basicMemory } from "./basicMemory.ts";
import { claudeMemory } from "./claudeMemory.ts";
import { instructions, markdown } from "./instructions.ts";
import { mem0Plugin } from "./mem0Plugin.ts";
import { ownMarkdown } from "./ownMarkdown.ts";
import type { TextFormat } from "./textFormat.ts";
import { vscodeMemory } from "./vscodeMemory.ts";

/** In the order in which a file is asked about; the last one takes any Markdown. */
export const textFormats: readonly TextFormat[] = [
	ownMarkdown,
	mem0Plugin,
	vscodeMemory,
	basicMemory,
	claudeMemory,
	instructions,
	markdown,
];

/** Formats of JSON and SQLite, which `readRecord` recognises by their fields. */
export const recordFormats = [
	"mcp-mem0",
	"server-memory",
	"mem0",
	"openmemory",
	"mcp-memory-service",
	"chatgpt",
	"json",
	"text",
] as const;

export const formatIds: readonly string[] = [...recordFormats, ...textFormats.map(({ id }) => id)];
