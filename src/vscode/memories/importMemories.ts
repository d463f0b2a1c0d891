import { homedir } from "node:os";
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { ImportReport } from "../../memory/transfer/importReport.ts";
import type { ImportSource } from "../../memory/transfer/sourcesHere.ts";
import type { ImportOptions } from "../../memory/transfer/transfer.ts";
import { counted, plural } from "../../text/wording.ts";
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
			const showLog = vscode.l10n.t("Show Log");
			if (report.changing === 0)
				return void notify
					.info(vscode.l10n.t("Nothing to import. {0}", report.sentence), showLog)
					.then((answer) => {
						if (answer) deps.log.show();
					});
			const rest = lines.length - mostLines;
			const more = plural(
				rest,
				vscode.l10n.t("The log has # more line."),
				vscode.l10n.t("The log has # more lines."),
			);
			const detail = rest > 0 ? [more, ...lines.slice(-mostLines)] : lines;
			const question = vscode.l10n.t("Import {0}?", counted(report.changing));
			const add = vscode.l10n.t("Import");
			const answer = await choose(question, detail, add, vscode.l10n.t("To Review Queue"));
			if (!answer) return;
			const done = await run(deps, paths, answer === add ? "add" : "review");
			if (!done) return;
			const end = done.isCancelled ? vscode.l10n.t("Cancelled: run it again for the rest.") : "";
			const said = `${done.report.sentence} ${end}`.trim();
			if (report.isClean) flash(said);
			else if (await notify.warn(said, showLog)) deps.log.show();
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
			description: source.paths.length === 1 ? "" : vscode.l10n.t("{0} places", source.paths.length),
			detail: source.paths.join(", "),
			source,
		})),
		{
			label: vscode.l10n.t("Files or folders…"),
			icon: "folder-opened",
			detail: vscode.l10n.t("Exports of mem0, OpenMemory, ChatGPT and others, Markdown, JSON, ZIP archives"),
			source: undefined,
		},
	];
	const title = vscode.l10n.t("Import Memories");
	const chosen =
		found.length === 0
			? items
			: await pickSeveral(items, { title, placeHolder: vscode.l10n.t("Where from"), one: true });
	if (!chosen) return undefined;
	const paths = chosen.flatMap(({ source }) => source?.paths ?? []);
	if (chosen.every(({ source }) => source)) return paths;
	const files = await vscode.window.showOpenDialog({
		title,
		openLabel: vscode.l10n.t("Choose"),
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
	const title =
		into === "preview"
			? vscode.l10n.t("Reading what could be imported")
			: vscode.l10n.t("Importing memories");
	return withProgress(title, async (show, signal) => {
		const progress = (percent: number) => show(vscode.l10n.t("{0} %, {1}", percent, counted(report.taken)));
		await importPaths({ memory, paths, report, into, options: { project, projectOf }, signal, progress });
		const isCancelled = signal.aborted;
		return isCancelled && into === "preview" ? undefined : { lines, report, isCancelled };
	});
}
