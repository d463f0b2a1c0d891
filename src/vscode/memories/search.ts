import * as vscode from "vscode";
import { errorText } from "../../memory/errorText.ts";
import type { FoundMemory } from "../../memory/requests.ts";
import { inSettings } from "../../settings/settingNames.ts";
import type { Memory } from "../../store/types.ts";
import { ageOf } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";

/** ms of rest in typing before a search. */
const debounce = 120;
const resultLimit = 20;
/** Characters of a memory that fit on an item's first line. */
const labelLength = 90;

interface MemoryItem extends vscode.QuickPickItem {
	readonly memory?: Memory;
}

const insertButton = { iconPath: new vscode.ThemeIcon("insert"), tooltip: "Insert at cursor" };
const copyButton = { iconPath: new vscode.ThemeIcon("copy"), tooltip: "Copy" };
const deleteButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: "Delete" };

/** `Mem0: Search Memories`: results as one types; with nothing typed, the newest memories. */
export function registerSearch(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.searchMemories", () => showSearch(deps));
}

function showSearch(deps: Deps): void {
	const picker = vscode.window.createQuickPick<MemoryItem>();
	let everyProject = false;
	let timer: NodeJS.Timeout | undefined;
	let latest = new AbortController();

	const search = async () => {
		latest.abort();
		latest = new AbortController();
		const { signal } = latest;
		picker.busy = true;
		const items = await resultsFor(deps, picker.value.trim(), everyProject, signal).catch(
			(error: unknown) => [failure(deps, error)],
		);
		if (signal.aborted) return;
		picker.busy = false;
		picker.items = items;
	};
	const searchSoon = (delay: number) => {
		clearTimeout(timer);
		timer = setTimeout(() => void search(), delay);
	};
	const showScope = () => {
		const here = vscode.workspace.workspaceFolders ? "global and this project" : "global";
		picker.title = `Search memories: ${everyProject ? "every project" : here}`;
		picker.buttons = [
			{
				iconPath: new vscode.ThemeIcon(everyProject ? "root-folder" : "globe"),
				tooltip: everyProject ? "Search global and this project only" : "Search every project",
			},
		];
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
		if (button === deleteButton) {
			await deleteWithUndo(deps, item.memory, () => void search());
		} else {
			picker.hide();
			await (button === copyButton ? copy(item.memory.text) : insert(item.memory.text));
		}
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

async function resultsFor(
	deps: Deps,
	query: string,
	everyProject: boolean,
	signal: AbortSignal,
): Promise<MemoryItem[]> {
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
	try {
		const { memories, note } = await memory.search({ query, scope, project, limit: resultLimit, signal });
		const items = memories.map(toItem);
		if (note) items.push(hint("Searched by words only", inSettings(note)));
		return items.length > 0 ? items : [hint(`No memory answers “${query}”`, "Try other words")];
	} catch (error) {
		if (signal.aborted) return [];
		throw error;
	}
}

function toItem(memory: Memory | FoundMemory): MemoryItem {
	const line = memory.text.replace(/\s+/g, " ");
	const long = line.length > labelLength;
	const score = "score" in memory ? [`${Math.round(memory.score * 100)} %`] : [];
	const place = memory.project?.name ?? "global";
	// On a line of their own, where the buttons of the row do not hide them; the rest of a long text follows.
	const facts = [...score, place, ageOf(memory.createdAt)].join(" · ");
	return {
		memory,
		label: long ? `${line.slice(0, labelLength)}…` : line,
		detail: long ? `${facts} — …${line.slice(labelLength)}` : facts,
		// The results are the answer already: the picker must not filter them again by their letters.
		alwaysShow: true,
		buttons: [insertButton, copyButton, deleteButton],
	};
}

function hint(label: string, description: string): MemoryItem {
	return { label, description, alwaysShow: true };
}

/** In the list itself, where one looks; a message at every letter typed would be too many. */
function failure({ log }: Deps, error: unknown): MemoryItem {
	const text = inSettings(errorText(error));
	log.error(text);
	return { label: "$(warning) The memory cannot be searched", detail: text, alwaysShow: true };
}

async function insert(text: string): Promise<void> {
	const editor = vscode.window.activeTextEditor;
	if (!editor) return copy(text);
	const inserted = await editor.edit((edit) => {
		for (const selection of editor.selections) edit.replace(selection, text);
	});
	// A read-only editor takes nothing: the text is not lost.
	if (!inserted) await copy(text);
}

async function copy(text: string): Promise<void> {
	await vscode.env.clipboard.writeText(text);
	vscode.window.setStatusBarMessage("Memory copied to the clipboard", 3000);
}

async function deleteWithUndo(deps: Deps, { id, text }: Memory, changed: () => void): Promise<void> {
	const service = await runForUser(deps, async () => {
		const memory = await deps.memory.get();
		await memory.delete(id);
		return memory;
	});
	changed();
	if (!service) return;
	const chosen = await vscode.window.showInformationMessage(`Deleted “${shortened(text)}”.`, "Undo");
	if (chosen !== "Undo") return;
	await runForUser(deps, async () => (await deps.memory.get()).restore(id));
	changed();
}

/** A text short enough for a notification. */
export function shortened(text: string): string {
	const line = text.replace(/\s+/g, " ");
	return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
