import * as vscode from "vscode";
import { errorText } from "../../memory/errorText.ts";
import type { FoundMemory } from "../../memory/requests.ts";
import { inSettings } from "../../settings/settingNames.ts";
import type { Memory } from "../../store/types.ts";
import { oneLine } from "../../text/inert.ts";
import { ageOf } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { createPicker, flash, type Item, notify } from "../ui.ts";

/** ms without a keystroke before a search. */
const debounce = 120;
const resultLimit = 20;
/** Characters of a memory that fit on an item's first line. */
const labelLength = 90;
/** Characters of a memory that fit on both lines, however wide the window is. */
const longestLine = 600;

interface MemoryItem extends Item {
	readonly memory?: Memory;
}

/** Stands above the matches that are likelier wrong than right. */
const weakMatches: MemoryItem = { label: "Weak matches", kind: vscode.QuickPickItemKind.Separator };
const insertButton = { iconPath: new vscode.ThemeIcon("insert"), tooltip: "Insert at cursor" };
const copyButton = { iconPath: new vscode.ThemeIcon("copy"), tooltip: "Copy" };
const deleteButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: "Delete" };

/** `Mem0: Search Memories`: results while a person types; the newest memories before that. */
export function registerSearch(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.searchMemories", () => showSearch(deps));
}

function showSearch(deps: Deps): void {
	const { picker, show } = createPicker<MemoryItem>();
	let everyProject = false;
	let timer: NodeJS.Timeout | undefined;
	let latest = new AbortController();

	const search = async () => {
		latest.abort();
		latest = new AbortController();
		const { signal } = latest;
		picker.busy = true;
		const found = resultsFor(deps, picker.value.trim(), everyProject, signal);
		const items = await found.catch((error: unknown) => (signal.aborted ? [] : [failure(deps, error)]));
		if (signal.aborted) return;
		picker.busy = false;
		show(items);
	};
	const searchSoon = (delay: number) => {
		clearTimeout(timer);
		timer = setTimeout(() => void search(), delay);
	};
	const showScope = () => {
		const here = vscode.workspace.workspaceFolders ? "global and this project" : "global";
		picker.title = `Search memories: ${everyProject ? "every project" : here}`;
		const iconPath = new vscode.ThemeIcon(everyProject ? "root-folder" : "globe");
		const tooltip = everyProject ? "Search global and this project only" : "Search every project";
		picker.buttons = [{ iconPath, tooltip }];
	};

	picker.placeholder = "Ask a question or type some words";
	showScope();
	picker.onDidChangeValue(() => searchSoon(debounce));
	picker.onDidTriggerButton(() => {
		everyProject = !everyProject;
		showScope();
		void search();
	});
	picker.onDidTriggerItemButton(async ({ item, button }) => {
		if (!item.memory) return;
		if (button === deleteButton) return deleteWithUndo(deps, item.memory, search);
		picker.hide();
		await (button === copyButton ? copy(item.memory.text) : insert(item.memory.text));
	});
	picker.onDidAccept(async () => {
		const [item] = picker.selectedItems;
		if (!item?.memory) return;
		picker.hide();
		await insert(item.memory.text);
	});
	picker.onDidHide(() => {
		clearTimeout(timer);
		latest.abort();
		picker.dispose();
	});
	picker.show();
	void search();
}

async function resultsFor(deps: Deps, query: string, everyProject: boolean, signal: AbortSignal) {
	const memory = await deps.memory.get();
	const project = await deps.currentProject();
	const scope = everyProject ? "all" : undefined;
	if (query === "") {
		const { memories } = await memory.list({ scope, project, limit: resultLimit });
		if (memories.length > 0) return memories.map(toItem);
		return everyProject || (await memory.list({ scope: "all", limit: 1 })).total === 0
			? [
					hint("Nothing is remembered yet", "Mem0: Save Memory… saves the first one"),
					hint("Connect a model endpoint of your own, if you like", "Mem0: Open Settings"),
				]
			: [hint("Nothing is remembered here", "The button above searches every project")];
	}
	const { memories, note } = await memory.search({ query, scope, project, limit: resultLimit, signal });
	const weak = memories.filter((found) => found.weak);
	const items = memories.filter((found) => !found.weak).map(toItem);
	if (weak.length > 0) items.push(weakMatches, ...weak.map(toItem));
	if (note) items.push(hint("Searched by words only", inSettings(note)));
	return items.length > 0 ? items : [hint(`No memory answers “${query}”`, "Try other words")];
}

function toItem(memory: Memory | FoundMemory): MemoryItem {
	const line = oneLine(memory.text, longestLine);
	const long = line.length > labelLength;
	const score = "score" in memory ? [`${Math.round(memory.score * 100)} %`] : [];
	const place = memory.project?.name ?? "global";
	// The buttons of a row would hide these facts on its first line. The rest of a long text follows them.
	const superseded = "supersededBy" in memory ? ["superseded"] : [];
	const facts = [...score, ...superseded, place, ageOf(memory.createdAt)].join(" · ");
	return {
		memory,
		label: long ? `${line.slice(0, labelLength)}…` : line,
		detail: long ? `${facts} — …${line.slice(labelLength)}` : facts,
		// The search chose the results: the picker must not filter them again by their letters.
		alwaysShow: true,
		buttons: [insertButton, copyButton, deleteButton],
	};
}

function hint(label: string, description: string): MemoryItem {
	return { label, description, alwaysShow: true };
}

/** An error in the list itself, because a notification per keystroke would be too many. */
function failure({ log }: Deps, error: unknown): MemoryItem {
	const text = inSettings(errorText(error));
	log.error(text);
	return { icon: "warning", label: "Memories cannot be searched", detail: text, alwaysShow: true };
}

async function insert(text: string): Promise<void> {
	const editor = vscode.window.activeTextEditor;
	if (!editor) return copy(text);
	const inserted = await editor.edit((edit) => {
		for (const selection of editor.selections) edit.replace(selection, text);
	});
	// A read-only editor refuses the text.
	if (!inserted) await copy(text);
}

async function copy(text: string): Promise<void> {
	await vscode.env.clipboard.writeText(text);
	flash("Memory copied to the clipboard");
}

async function deleteWithUndo(deps: Deps, { id, text }: Memory, search: () => unknown): Promise<void> {
	const deleted = await runForUser(deps, async () => (await deps.memory.get()).delete(id));
	void search();
	if (!deleted) return;
	const chosen = await notify.info(`Deleted “${shortened(text)}”.`, "Undo");
	if (!chosen) return;
	await runForUser(deps, async () => (await deps.memory.get()).restore(id));
	void search();
}

/** A text short enough for a notification. */
export function shortened(text: string): string {
	return oneLine(text, 60);
}
