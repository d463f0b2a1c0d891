/** Files of a project's folder that tell agents what to do. Written only when somebody asks for it by name. */
export const folderFileNames = [
	"AGENTS.md",
	"CLAUDE.md",
	".github/copilot-instructions.md",
	".cursor/rules/mem0.mdc",
] as const;

export type FolderFile = (typeof folderFileNames)[number];
