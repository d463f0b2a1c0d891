import { frontMatterOf } from "./frontMatter.ts";
import { markdownItems, withHeadings } from "./markdownItems.ts";
import { baseName, type FoundMemory, type TextFile, type TextFormat } from "./textFormat.ts";

/** What agents read as instructions, wherever it lies. */
const names =
	/^(?:CLAUDE(?:\.local)?\.md|AGENTS(?:\.override)?\.md|GEMINI\.md|\.(?:cursor|windsurf|roo|cline)rules|.*\.instructions\.md|copilot-instructions\.md|.*\.mdc)$/i;
const folders =
	/(?:^|\/)(?:memory-bank|\.clinerules|\.cursor\/rules|\.roo\/rules[\w-]*|\.windsurf\/rules|\.kiro\/steering|\.claude\/rules)\/(?:.*\/)?[^/]+\.mdc?$/i;

/** Instructions for agents: each section's paragraphs and list items are memories. */
export const instructions: TextFormat = {
	id: "instructions",
	name: "instructions for agents (CLAUDE.md, AGENTS.md, GEMINI.md, Copilot, Cursor, Cline, …)",
	isFormat: (file) => names.test(baseName(file)) || folders.test(file.name),
	parse: sectionsOf,
};

/** Any other Markdown. */
export const markdown: TextFormat = {
	id: "markdown",
	name: "Markdown",
	isFormat: (file) => /\.(?:md|markdown)$/i.test(file.name),
	parse: sectionsOf,
};

/** What other memories have written into the file. */
const foreignBlocks = /<(claude-mem-context|laravel-boost-guidelines)>[\s\S]*?(?:<\/\1>|$)/g;

export function sectionsOf({ text, modifiedAt }: TextFile): readonly FoundMemory[] {
	const { fields, body, line } = frontMatterOf(text);
	const own = body.replace(foreignBlocks, (block) => block.replace(/[^\n]/g, ""));
	const kept = Object.fromEntries(
		["description", "globs", "alwaysApply", "applyTo", "tags"].flatMap((name) =>
			fields[name] === undefined || fields[name] === "" || fields[name] === null
				? []
				: [[name, fields[name]]],
		),
	);
	return markdownItems(own, line)
		.filter((item) => !isPointer(item.text))
		.map((item) => ({
			line: item.line,
			lastLine: item.lastLine,
			request: { text: withHeadings(item), createdAt: modifiedAt, metadata: kept },
		}));
}

/** A line that only names another file: `@AGENTS.md`, `[Style](style.md)`. */
export function isPointer(text: string): boolean {
	return /^(?:@[\w./~-]+|\[[^\]]*\]\([^)]*\)\.?)$/.test(text);
}
