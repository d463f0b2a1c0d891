import * as vscode from "vscode";
import type { UserMemory } from "../../../memory/userMemory.ts";
import type { Memory } from "../../../store/types.ts";
import { oneLine } from "../../../text/inert.ts";
import { ageOf } from "../../../text/wording.ts";
import type { Deps } from "../../deps.ts";
import { originDetails } from "../view/rows.ts";
import { fileName, memoryUri } from "./memoryUri.ts";

/** Read-only: `mem0-source:/<id>/<first words>.md`. */
export const sourceScheme = "mem0-source";

/** *Where From*: the text that a memory was saved as or distilled from, and what else was made of it. */
export async function showSource(memory: Memory): Promise<void> {
	const path = `/${memory.id}/${vscode.l10n.t("Source of {0}", fileName(memory.text))}`;
	const uri = vscode.Uri.from({ scheme: sourceScheme, path });
	await vscode.window.showTextDocument(uri, { preview: true });
}

/** What else was made of the same text. */
async function siblingsOf(service: UserMemory, { id, saveId }: Memory): Promise<readonly Memory[]> {
	if (saveId === undefined) return [];
	const { memories } = await service.list({
		scope: "all",
		saveId,
		superseded: "include",
		expired: "include",
	});
	return memories.filter((other) => other.id !== id);
}

interface Source {
	readonly lines: readonly string[];
	/** The siblings, by the line that they stand on. */
	readonly siblings: ReadonlyMap<number, Memory>;
}

async function sourceOf(deps: Deps, { path }: vscode.Uri): Promise<Source> {
	const service = await deps.memory.get();
	const memory = await service.get(path.split("/")[1]);
	const saved = await service.savedText(memory.id);
	const others = await siblingsOf(service, memory);
	const { origin, conversationId } = memory;
	const by = origin ? originDetails(origin) : vscode.l10n.t("an earlier version of Mem0");
	const lines = [
		vscode.l10n.t("Saved {0} by {1}", ageOf(memory.createdAt), by),
		...(conversationId ? [vscode.l10n.t("In the conversation {0}", oneLine(conversationId))] : []),
		"",
		saved !== undefined
			? vscode.l10n.t("The memory was made from this text:")
			: memory.updatedAt > memory.createdAt
				? vscode.l10n.t("The text that was saved is not kept. It was changed later, and says now:")
				: vscode.l10n.t("The memory says what was saved, word for word:"),
		"",
		...(saved ?? memory.text).split(/\r\n?|\n/),
	];
	if (others.length === 0) return { lines, siblings: new Map() };
	const head = [...lines, "", vscode.l10n.t("Other memories from the same text:"), ""];
	return {
		lines: [...head, ...others.map(({ text }) => `- ${oneLine(text, 300)}`)],
		siblings: new Map(others.map((other, index) => [head.length + index, other])),
	};
}

export function registerSources(deps: Deps): vscode.Disposable {
	const selector = { scheme: sourceScheme };
	return vscode.Disposable.from(
		vscode.workspace.registerTextDocumentContentProvider(sourceScheme, {
			provideTextDocumentContent: async (uri) => (await sourceOf(deps, uri)).lines.join("\n"),
		}),
		vscode.languages.registerDocumentLinkProvider(selector, {
			provideDocumentLinks: async ({ uri, lineAt, lineCount }) => {
				const { siblings } = await sourceOf(deps, uri);
				return [...siblings]
					.filter(([line]) => line < lineCount)
					.map(([line, { id, text }]) => new vscode.DocumentLink(lineAt(line).range, memoryUri(id, text)));
			},
		}),
	);
}
