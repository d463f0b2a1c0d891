import { homedir } from "node:os";
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { ImportReport } from "../../memory/transfer/importReport.ts";
import type { ImportSource } from "../../memory/transfer/sourcesHere.ts";
import type { ImportOptions } from "../../memory/transfer/transfer.ts";
import { counted } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { choose, flash, type Item, notify, pickSeveral, withProgress } from "../ui.ts";

/** Lines of a report that a dialog shows; the log has all. */
const mostLines = 14;

interface SourceItem extends Item {
	/** Undefined: the person chooses files. */
	readonly source: ImportSource | undefined;
}

/** `Mem0: Import Memories…`: offers what is on this machine, tells what would be imported, and imports it. */
export function registerImport(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.importMemories", () =>
		runForUser(deps, async () => {
			const paths = await choosePaths(deps);
			if (!paths || paths.length === 0) return;
			const preview = await run(deps, paths, "preview");
			if (!preview) return;
			const { lines, report } = preview;
			if (report.changing === 0)
				return void notify.info(`Nothing to import. ${lines.at(-1)}`, "Show Log").then((answer) => {
					if (answer) deps.log.show();
				});
			const rest = lines.length - mostLines;
			const detail = rest > 0 ? [`The log has ${rest} more lines.`, ...lines.slice(-mostLines)] : lines;
			const question = `Import ${counted(report.changing)}?`;
			const answer = await choose(question, detail, "Import", "To Review Queue");
			if (!answer) return;
			const done = await run(deps, paths, answer === "Import" ? "add" : "review");
			if (!done) return;
			const end = done.isCancelled ? " Cancelled: run it again for the rest." : "";
			const said = `${done.lines.at(-1)}${end}`;
			if (report.isClean) flash(said);
			else if (await notify.warn(said, "Show Log")) deps.log.show();
		}),
	);
}

/** @returns undefined if the person left the question. */
async function choosePaths({ context }: Deps): Promise<readonly string[] | undefined> {
	const { sourcesHere } = await import("../../memory/transfer/sourcesHere.ts");
	const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
	const found = await sourcesHere({
		home: homedir(),
		env: process.env,
		vscodeUser: dirname(dirname(context.globalStorageUri.fsPath)),
		folders: folders.filter(({ scheme }) => scheme === "file").map(({ fsPath }) => fsPath),
	});
	const items: readonly SourceItem[] = [
		...found.map((source) => ({
			label: source.name,
			icon: "database",
			description: source.paths.length === 1 ? "" : `${source.paths.length} places`,
			detail: source.paths.join(", "),
			source,
		})),
		{
			label: "Files or folders…",
			icon: "folder-opened",
			detail: "Exports of mem0, OpenMemory, ChatGPT and others, Markdown, JSON, ZIP archives",
			source: undefined,
		},
	];
	const chosen =
		found.length === 0
			? items
			: await pickSeveral(items, { title: "Import Memories", placeHolder: "Where from" });
	if (!chosen) return undefined;
	const paths = chosen.flatMap(({ source }) => source?.paths ?? []);
	if (chosen.every(({ source }) => source)) return paths;
	const files = await vscode.window.showOpenDialog({
		title: "Import Memories",
		openLabel: "Choose",
		canSelectFiles: true,
		canSelectFolders: true,
		canSelectMany: true,
	});
	return files && [...paths, ...files.map(({ fsPath }) => fsPath)];
}

/** Reads the files, with progress; undefined if a preview was cancelled. */
async function run(deps: Deps, paths: readonly string[], into: NonNullable<ImportOptions["into"]>) {
	const [{ importPaths }, { ImportReport }, { projectOf }] = await Promise.all([
		import("../../memory/transfer/importPaths.ts"),
		import("../../memory/transfer/importReport.ts"),
		import("../../memory/folderProject.ts"),
	]);
	const memory = await deps.memory.get();
	const project = await deps.currentProject();
	const lines: string[] = [];
	const report: ImportReport = new ImportReport((line) => {
		lines.push(line);
		deps.log.info(`Import: ${line}`);
	}, into);
	const title = into === "preview" ? "Reading what could be imported" : "Importing memories";
	return withProgress(title, async (show, signal) => {
		const progress = (percent: number) => show(`${percent} %, ${counted(report.taken)}`);
		await importPaths({ memory, paths, report, into, options: { project, projectOf }, signal, progress });
		const isCancelled = signal.aborted;
		return isCancelled && into === "preview" ? undefined : { lines, report, isCancelled };
	});
}
