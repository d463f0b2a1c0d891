import { sectionsOf } from "./instructions.ts";
import type { FoundMemory, TextFile, TextFormat } from "./textFormat.ts";

const place = /(?:^|\/)memory-tool\/memories\/(?<rest>.+)$/;

/** The files of VS Code's memory tool: of the user, of a repository (`repo/`), and of sessions. */
export const vscodeMemory: TextFormat = {
	id: "vscode-memory",
	name: "VS Code's memory tool",
	isFormat: ({ name }) => place.test(name),
	parse: memoriesOf,
};

function memoriesOf(file: TextFile): readonly FoundMemory[] {
	const { rest = "" } = place.exec(file.name)?.groups ?? {};
	// In the user's own storage, folders are the model's; in a workspace's, all but one are of sessions.
	const isOfWorkspace = /(?:^|\/)workspaceStorage\//.test(file.name);
	const [folder] = isOfWorkspace && rest.includes("/") ? rest.split("/") : [];
	const session = folder !== undefined && folder !== "repo" ? folder : undefined;
	return sectionsOf(file).map((found) => ({
		...found,
		request: { ...found.request, ...(session ? { conversationId: session } : {}) },
	}));
}
