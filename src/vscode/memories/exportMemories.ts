import { Readable } from "node:stream";
import * as vscode from "vscode";
import { InputError } from "../../memory/errors.ts";
import type { FileFormat, FolderFormat, Source } from "../../memory/transfer/exporting.ts";
import type { Memory } from "../../store/types.ts";
import { counted, plural } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { confirm, flash, type Item, pick, withProgress } from "../ui.ts";

interface FormatItem extends Item {
	/** The name and the ending of the file that is proposed; absent: a folder is written. */
	readonly file?: readonly [name: string, ending: string];
	readonly format: FileFormat | FolderFormat;
}

/** `Mem0: Export Memories…`: all memories of all projects. */
export function registerExport(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.exportMemories", () =>
		exportFrom(deps, undefined, async () => (await deps.memory.get()).transfer),
	);
}

/** Some memories of the view. */
export function exportSome(deps: Deps, memories: readonly Memory[]): Promise<void> {
	return exportFrom(deps, memories.length, async () => {
		const service = await deps.memory.get();
		return {
			async *all() {
				for (const memory of memories) yield { memory, history: await service.history(memory.id) };
			},
		};
	});
}

/** Asks for the form and the place, and whether files that are there may be replaced. */
async function exportFrom(
	deps: Deps,
	count: number | undefined,
	memories: () => Promise<Source["transfer"]>,
): Promise<void> {
	await runForUser(deps, async () => {
		const [{ fileFormats, folderFormats }, { existingFiles, writeFolder, writeWhole }] = await Promise.all([
			import("../../memory/transfer/exporting.ts"),
			import("../../memory/transfer/exportFiles.ts"),
		]);
		const title =
			count === undefined
				? vscode.l10n.t("Export all memories")
				: vscode.l10n.t("Export {0}", counted(count));
		const items: readonly FormatItem[] = [
			{
				label: vscode.l10n.t("JSON lines"),
				description: vscode.l10n.t("all there is, history too; Mem0 imports it"),
				icon: "json",
				file: ["memories", "jsonl"],
				format: fileFormats.jsonl,
			},
			{
				label: vscode.l10n.t("Markdown, a file a memory"),
				description: vscode.l10n.t("a folder to read and edit; import it again to update"),
				icon: "markdown",
				format: folderFormats.markdown,
			},
			{
				label: vscode.l10n.t("Markdown, a file a project"),
				description: vscode.l10n.t("a folder to read and edit; import it again to update"),
				icon: "markdown",
				format: folderFormats["markdown-projects"],
			},
			{
				label: "server-memory",
				description: vscode.l10n.t("JSON lines of the MCP memory server"),
				icon: "type-hierarchy",
				file: ["memory", "jsonl"],
				format: fileFormats["server-memory"],
			},
			{
				label: "mem0",
				description: vscode.l10n.t("JSON as mem0’s get_all returns it"),
				icon: "json",
				file: ["mem0", "json"],
				format: fileFormats.mem0,
			},
		];
		const chosen = await pick(items, { title, placeHolder: vscode.l10n.t("In which form?") });
		if (!chosen) return;
		const target = await (chosen.file ? askForFile(title, chosen.file) : askForFolder(title));
		if (target === undefined) return;
		const { format } = chosen;
		const transfer = await memories();
		if ("files" in format) {
			const there = await existingFiles(format.files({ transfer }), target);
			const detail = plural(
				there.length,
				vscode.l10n.t("# file of this export is there already, such as {0}."),
				vscode.l10n.t("# files of this export are there already, such as {0}."),
			).replace("{0}", there[0] ?? "");
			const question = vscode.l10n.t("Replace what is in {0}?", target);
			if (there.length > 0 && !(await confirm(question, detail, vscode.l10n.t("Replace")))) return;
		}
		let done = 0;
		const isWhole = await withProgress(title, async (report, signal) => {
			const source = {
				transfer,
				onMemory: () => {
					done += 1;
					if (done % 100 === 0) report(counted(done));
				},
			};
			try {
				if ("files" in format) {
					const files = () => {
						done = 0;
						return format.files(source);
					};
					await writeFolder(files, target, true, signal);
				} else await writeWhole(Readable.from(format.parts(source)), target, true, signal);
			} catch (error) {
				if (!signal.aborted) throw error;
			}
			return !signal.aborted;
		});
		if (isWhole) flash(vscode.l10n.t("Exported {0}", counted(done)));
	});
}

/** VS Code itself asks whether a file may be replaced. */
async function askForFile(title: string, [name, ending]: readonly [string, string]) {
	const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
	const file = await vscode.window.showSaveDialog({
		title,
		saveLabel: vscode.l10n.t("Export"),
		filters: { [ending.toUpperCase()]: [ending] },
		...(folder ? { defaultUri: vscode.Uri.joinPath(folder, `${name}.${ending}`) } : {}),
	});
	return file && pathOf(file);
}

async function askForFolder(title: string) {
	const defaultUri = vscode.workspace.workspaceFolders?.[0]?.uri;
	const folders = await vscode.window.showOpenDialog({
		title,
		openLabel: vscode.l10n.t("Export Here"),
		canSelectFiles: false,
		canSelectFolders: true,
		...(defaultUri ? { defaultUri } : {}),
	});
	return folders?.[0] && pathOf(folders[0]);
}

function pathOf(uri: vscode.Uri): string {
	if (uri.scheme !== "file") {
		const problem = vscode.l10n.t("{0} is not on this machine. Choose another place.", uri.path);
		throw new InputError("file", problem);
	}
	return uri.fsPath;
}
