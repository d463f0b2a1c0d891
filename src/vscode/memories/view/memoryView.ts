import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { InputError } from "../../../memory/errors.ts";
import { errorText } from "../../../memory/errorText.ts";
import { inSettings } from "../../../settings/settingNames.ts";
import type { Deps } from "../../deps.ts";
import { needsToken } from "../../runForUser.ts";
import { createTree } from "../../treeUi.ts";
import { askLive } from "../../ui.ts";
import type { MemorySource } from "./memorySource.ts";
import { MemoryTree } from "./memoryTree.ts";
import type { Node } from "./nodes.ts";
import { hoverOf, rowOf } from "./rows.ts";
import { inTurn, rowsUnderKeys } from "./underKeys.ts";
import { stateLabel } from "./viewOptions.ts";
import { filters, readState, type ViewState } from "./viewState.ts";

export const viewId = "mcpMem0.memories";
const storedAs = "memoryView";
/** ms without a keystroke before a search, and without a change of the memory before the rows are read again. */
const debounce = 150;
/** ms after which VS Code has the rows that it reads again, on a busy machine, too. */
const settleTime = 3000;
/** ms for which a key tries to find its row. */
const keyPatience = 1000;

export type MemoryView = ReturnType<typeof createMemoryView>;

/** The tree of memories in the Activity Bar, and how a person has arranged it. */
export function createMemoryView(deps: Deps, source: MemorySource) {
	const tree = new MemoryTree(source);
	let state: ViewState = readState(deps.context.globalState.get(storedAs));
	let stale = false;
	// Of their own: a change of the memory must not cancel a search.
	const searching = debouncer();
	const reading = debouncer();
	/** When the rows were last read again, by `performance.now()`. */
	let changedAt = Number.NEGATIVE_INFINITY;

	/** The first row when the rows are first read; undefined where there was none. */
	const first = Promise.withResolvers<Node | undefined>();
	let wasShown = false;

	const children = async (parent?: Node): Promise<readonly Node[]> => {
		try {
			const nodes = await tree.children(state, parent);
			if (!parent) {
				const note = tree.note && inSettings(tree.note);
				const said = [note, stateLabel(state)].filter(Boolean).join(" · ");
				// A message would hide what the view says when it is empty; that would be untrue of a list that is not full.
				const empty = nodes.length === 0 && !(note && state.query === undefined);
				shown.showMessage(said === "" || empty ? undefined : said);
				setContext("unavailable", false);
				setContext("tokenRefused", false);
				first.resolve(nodes[0]);
			}
			return nodes;
		} catch (error) {
			const text = inSettings(errorText(error));
			deps.log.error(text);
			// A message would hide the button of the view's own words.
			shown.showMessage(needsToken(error) ? undefined : text);
			// A filter that matches nothing any more says so, too; the memory is there.
			setContext("unavailable", !(error instanceof InputError));
			setContext("tokenRefused", needsToken(error));
			return [];
		}
	};
	const shown = createTree<Node>(viewId, {
		children,
		parent: (node) => node.parent,
		row: rowOf,
		hover: hoverOf,
	});

	const readAgain = () => {
		changedAt = performance.now();
		shown.changed();
	};
	const update = () => {
		setContext("searching", state.query !== undefined);
		setContext("filtered", filters(state));
		readAgain();
	};
	const arrange = async (change: Partial<ViewState>) => {
		state = { ...state, ...change };
		const { query: _, ...lasting } = state;
		update();
		await deps.context.globalState.update(storedAs, lasting);
	};
	const search = (query: string) => {
		const { query: before, ...rest } = state;
		const words = query.trim();
		if (words === (before ?? "")) return;
		state = words === "" ? rest : { ...rest, query: words };
		update();
	};
	const badge = async () => {
		const waiting = await source.waitingCount().catch(() => 0);
		shown.showBadge(waiting, vscode.l10n.t("{0} waiting for review", waiting));
	};
	const refreshSoon = () => {
		void badge();
		if (shown.view.visible) reading.soon(readAgain);
		else stale = true;
	};

	const subscriptions = vscode.Disposable.from(
		shown,
		deps.memory.onDidChange(refreshSoon),
		shown.view.onDidChangeVisibility(({ visible }) => {
			if (visible && stale) readAgain();
			if (visible) stale = false;
		}),
		vscode.window.onDidChangeActiveTextEditor(async (editor) => {
			// "This project" follows the editor's folder.
			if (editor && vscode.workspace.workspaceFolders && vscode.workspace.workspaceFolders.length > 1)
				reading.soon(readAgain);
		}),
		vscode.workspace.onDidChangeWorkspaceFolders(() => reading.soon(readAgain)),
		{ dispose: searching.stop },
		{ dispose: reading.stop },
	);
	setContext("filtered", filters(state));
	void badge();

	return {
		get state() {
			return state;
		},
		/** What a key is about. */
		underKeys: inTurn(async (): Promise<readonly Node[]> => {
			const deadline = Math.max(changedAt + settleTime, performance.now() + keyPatience);
			for (;;) {
				const rows = await rowsUnderKeys(
					() => vscode.commands.executeCommand("list.toggleSelection"),
					() => shown.view.selection,
				);
				// What is selected elsewhere is not meant: rather nothing than another memory.
				if (rows || performance.now() > deadline) return rows ?? [];
				await sleep(20);
			}
		}),
		/** What a command is about: the rows of a context menu, or else those that are selected. */
		chosen: async (node?: Node, nodes: readonly Node[] = []): Promise<readonly Node[]> => {
			if (nodes.length > 0) return nodes;
			if (node) return [node];
			// While VS Code reads the rows again, it does not know which of them are selected.
			while (shown.view.selection.length === 0 && performance.now() < changedAt + settleTime) await sleep(20);
			return shown.view.selection;
		},
		arrange,
		show: async () => {
			await vscode.commands.executeCommand(`${viewId}.focus`);
			const row = await first.promise;
			// A view that has no rows yet does not keep the focus.
			if (!wasShown && row) await shown.view.reveal(row, { select: false, focus: true });
			wasShown = true;
		},
		refresh: () => {
			void badge();
			readAgain();
		},
		showMore: (id: string) => {
			tree.showMore({ id });
			readAgain();
		},
		search: () => {
			const before = state.query ?? "";
			askLive({
				title: vscode.l10n.t("Search memories"),
				placeHolder: vscode.l10n.t("Ask a question or type some words"),
				value: before,
				changed: (value) => searching.soon(() => search(value)),
				done: (value) => {
					searching.stop();
					search(value ?? before);
					if (value) void vscode.commands.executeCommand(`${viewId}.focus`);
				},
			});
		},
		clearSearch: () => search(""),
		dispose: () => subscriptions.dispose(),
	};
}

function debouncer() {
	let timer: NodeJS.Timeout | undefined;
	const stop = () => clearTimeout(timer);
	return {
		stop,
		soon: (act: () => void) => {
			stop();
			timer = setTimeout(act, debounce);
		},
	};
}

function setContext(name: string, value: boolean): void {
	void vscode.commands.executeCommand("setContext", `mcpMem0.${name}`, value);
}
