import * as vscode from "vscode";
import type { Deps } from "../deps.ts";
import { createPicker } from "../ui.ts";
import { saveText } from "./saveText.ts";
import { buttons, type Row, rowsOf } from "./searchRows.ts";
import { addToChat, copyMemories, deleteMemories, insertMemories, openMemories } from "./view/actions.ts";

/** ms without a keystroke before a search. */
const debounce = 120;

/** `Mem0: Search Memories`: results while a person types; the newest memories before that. */
export function registerSearch(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.searchMemories", () => showSearch(deps));
}

function showSearch(deps: Deps): void {
	const { picker, show } = createPicker<Row>();
	let everyProject = false;
	/** The query whose weak matches a person asked for. */
	let weakFor: string | undefined;
	let timer: NodeJS.Timeout | undefined;
	let latest = new AbortController();

	const search = async () => {
		latest.abort();
		latest = new AbortController();
		const { signal } = latest;
		picker.busy = true;
		const query = picker.value.trim();
		const rows = await rowsOf(deps, { query, everyProject, showWeak: weakFor === query, signal });
		if (signal.aborted) return;
		picker.busy = false;
		// A warning comes first, but Enter opens the best memory.
		const best = rows.find(({ memory }) => memory);
		show(rows, best);
	};
	const searchSoon = (delay: number) => {
		clearTimeout(timer);
		timer = setTimeout(() => void search(), delay);
	};
	const setScope = (every: boolean) => {
		everyProject = every;
		const here = vscode.workspace.workspaceFolders
			? vscode.l10n.t("global and this project")
			: vscode.l10n.t("global");
		const where = everyProject ? vscode.l10n.t("every project") : here;
		picker.title = vscode.l10n.t("Search memories: {0}", where);
		const iconPath = new vscode.ThemeIcon(everyProject ? "root-folder" : "globe");
		const tooltip = everyProject
			? vscode.l10n.t("Search global and this project only")
			: vscode.l10n.t("Search every project");
		picker.buttons = [{ iconPath, tooltip }];
	};

	picker.placeholder = vscode.l10n.t("Ask a question or type some words");
	setScope(false);
	// An editor or webview that takes the focus late must not take what was typed with it.
	picker.ignoreFocusOut = true;
	picker.onDidChangeValue(() => searchSoon(debounce));
	picker.onDidTriggerButton(() => {
		setScope(!everyProject);
		void search();
	});
	picker.onDidTriggerItemButton(async ({ item: { memory }, button }) => {
		if (!memory) return;
		if (button === buttons.delete) return deleteMemories(deps, [memory], search);
		picker.hide();
		if (button === buttons.copy) await copyMemories([memory]);
		else if (button === buttons.chat) await addToChat([memory]);
		else await insertMemories([memory]);
	});
	picker.onDidAccept(async () => {
		const [row] = picker.selectedItems;
		if (row?.act === "search-everywhere") setScope(true);
		if (row?.act === "show-weak") weakFor = picker.value.trim();
		if (row?.act === "search-everywhere" || row?.act === "show-weak") return search();
		const query = picker.value.trim();
		if (row?.memory || row?.act) picker.hide();
		if (row?.memory) await openMemories([row.memory]);
		else if (row?.act === "save") await saveText(deps, query);
		else if (row?.act) await vscode.commands.executeCommand(row.act.command);
	});
	picker.onDidHide(() => {
		clearTimeout(timer);
		latest.abort();
		picker.dispose();
	});
	picker.show();
	void search();
}
