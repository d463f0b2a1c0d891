import * as vscode from "vscode";
import { UnknownMemoryError } from "../../../memory/errors.ts";
import type { Candidate } from "../../../store/candidates.ts";
import type { Memory } from "../../../store/types.ts";
import type { Deps } from "../../deps.ts";
import { runForUser } from "../../runForUser.ts";
import { restoreVersion, showHistory } from "../documents/history.ts";
import { memoryIdOf } from "../documents/memoryUri.ts";
import type { NewDocuments } from "../documents/newDocuments.ts";
import { showSource } from "../documents/whereFrom.ts";
import { exportSome } from "../exportMemories.ts";
import { candidateIdOf, showProposal, waitingCandidate } from "../review/proposals.ts";
import { acceptCandidates, mergeCandidates, rejectCandidates } from "../review/reviewActions.ts";
import { tidyUpMemories } from "../review/tidyUp.ts";
import * as actions from "./actions.ts";
import type { MemorySource } from "./memorySource.ts";
import { createMemoryView } from "./memoryView.ts";
import type { Node } from "./nodes.ts";
import { Opening } from "./opening.ts";
import { changeFilter, chooseGrouping, chooseOrder } from "./viewOptions.ts";
import { initialState } from "./viewState.ts";

/** What a command is about: a row of the tree, the document of an editor, what a key is about in the tree, or none of these. */
type About = Partial<Node> | vscode.Uri | "key" | undefined;
type Command = (about?: About, all?: readonly Node[]) => unknown;

/** The view of memories, and all commands on its rows, which the titles of editors have, too. */
export function registerView(deps: Deps, source: MemorySource, documents: NewDocuments): vscode.Disposable {
	const view = createMemoryView(deps, {
		...source,
		waitingCount: async () => {
			// The memory is open by now, which alone knows.
			const { isTeam } = await deps.memory.get();
			void vscode.commands.executeCommand("setContext", "mcpMem0.isTeam", isTeam);
			return source.waitingCount();
		},
	});
	const opening = new Opening();

	const chosen = async (about: About, all: readonly Node[] = []) => {
		if (about instanceof vscode.Uri) return [];
		if (about === "key") return view.underKeys();
		const rows = await view.chosen(about as Node | undefined, all);
		if (about) return rows;
		// The palette offers them for the document of an editor, which may be of none of the rows that are selected.
		const uri = vscode.window.activeTextEditor?.document.uri;
		const shown = uri && (memoryIdOf(uri) ?? candidateIdOf(uri));
		return shown === undefined || rows.some((row) => idOf(row) === shown) ? rows : [];
	};
	/** The memories that a command is about, as they are now. */
	const memoriesOf = async (about: About, all?: readonly Node[]): Promise<readonly Memory[]> => {
		const uri = about instanceof vscode.Uri ? about : undefined;
		const rows = (await chosen(about, all)).flatMap((node) =>
			"memory" in node && !("deletedAt" in node) ? [node.memory.id] : [],
		);
		const active = rows.length === 0 && !about ? vscode.window.activeTextEditor?.document.uri : uri;
		const ids = active ? [memoryIdOf(active)].filter((id) => id !== undefined) : rows;
		const service = await deps.memory.get();
		const memories: Memory[] = [];
		for (const id of ids)
			try {
				memories.push(await service.get(id));
			} catch (error) {
				// Of several, somebody may have deleted one meanwhile.
				if (ids.length === 1 || !(error instanceof UnknownMemoryError)) throw error;
			}
		return memories;
	};
	const candidatesOf = async (about: About, all?: readonly Node[]): Promise<readonly Candidate[]> => {
		const rows = (await chosen(about, all)).flatMap((node) => ("candidate" in node ? [node.candidate] : []));
		const uri = about instanceof vscode.Uri ? about : vscode.window.activeTextEditor?.document.uri;
		const id = rows.length === 0 && uri ? candidateIdOf(uri) : undefined;
		const candidate = await waitingCandidate(await deps.memory.get(), id);
		return candidate ? [candidate] : rows;
	};
	const deletedOf = async (about: About, all?: readonly Node[]) =>
		(await chosen(about, all)).flatMap((node) => ("deletedAt" in node && node.memory ? [node.memory] : []));

	const onMemories =
		(act: (memories: readonly Memory[]) => unknown): Command =>
		(about, all) =>
			runForUser(deps, async () => {
				const memories = await memoriesOf(about, all);
				if (memories.length > 0) await act(memories);
			});
	const onCandidates =
		(act: (candidates: readonly Candidate[]) => unknown): Command =>
		(about, all) =>
			runForUser(deps, async () => {
				const candidates = await candidatesOf(about, all);
				if (candidates.length > 0) await act(candidates);
			});
	const onFirst = (act: (memory: Memory) => unknown) =>
		onMemories(([first]) => (first ? act(first) : undefined));
	const reject = onCandidates((candidates) => rejectCandidates(deps, candidates));
	const remove = onMemories((memories) => actions.deleteMemories(deps, memories));

	const filter = async () => {
		const { items } = await source.groups("client", 100);
		const clients = items.flatMap(({ key }) => key ?? []);
		const authors = (await deps.memory.get()).isTeam ? (await source.groups("author", 100)).items : [];
		const names = authors.flatMap(({ key }) => key ?? []);
		// One condition after the other, until the list is left.
		for (;;) {
			const changed = await changeFilter(view.state, clients, names);
			if (!changed) return;
			await view.arrange({ filter: changed });
		}
	};

	const commands: Readonly<Record<string, Command>> = {
		showMemories: view.show,
		"view.search": view.search,
		"view.clearSearch": view.clearSearch,
		"view.refresh": view.refresh,
		"view.showMore": (id) => view.showMore(String(id)),
		"view.sort": async () => {
			const order = await chooseOrder(view.state);
			if (order) await view.arrange({ order });
		},
		"view.group": async () => {
			const group = await chooseGrouping(view.state);
			if (group) await view.arrange({ group });
		},
		"view.filter": filter,
		"view.filterActive": filter,
		"view.clearFilter": () => view.arrange({ filter: initialState.filter }),
		"memory.open": (about, all) => {
			// The command of a row, which names no kind of node.
			const isRow = typeof about === "object" && "memory" in about && !("kind" in about);
			const shows = isRow && !opening.goesThere(about.memory?.id ?? "", performance.now());
			return onMemories((memories) => actions.openMemories(memories, shows))(about, all);
		},
		"memory.enter": () => {
			opening.enter(performance.now());
			return vscode.commands.executeCommand("list.select");
		},
		"memory.copy": async (about, all) => {
			const deleted = await deletedOf(about, all);
			if (deleted.length > 0) return actions.copyMemories(deleted);
			return onMemories(actions.copyMemories)(about, all);
		},
		"memory.insert": onMemories(actions.insertMemories),
		"memory.addToChat": onMemories(actions.addToChat),
		"memory.pin": onMemories((memories) => actions.setPinned(deps, memories, true)),
		"memory.unpin": onMemories((memories) => actions.setPinned(deps, memories, false)),
		"memory.togglePin": onMemories((memories) =>
			actions.setPinned(deps, memories, !memories.every(({ pinned }) => pinned)),
		),
		"memory.move": onMemories(async (memories) =>
			actions.moveMemories(deps, memories, await documents.projects()),
		),
		"memory.share": onMemories((memories) => actions.shareMemories(deps, memories)),
		"memory.delete": async (about, all) => {
			// The same key for what is in the tree: memories are deleted, candidates rejected.
			const rows = await chosen(about, all);
			if (about === "key" && rows.length === 0) return;
			const given = rows.length > 0 ? ([rows[0], rows] as const) : ([about, all] as const);
			if (rows.some((node) => node.kind === "candidate")) await reject(...given);
			await remove(...given);
		},
		"memory.restore": async (about, all) => {
			const deleted = await deletedOf(about, all);
			await actions.restoreMemories(
				deps,
				deleted.map(({ id }) => id),
			);
		},
		"memory.export": onMemories((memories) => exportSome(deps, memories)),
		"memory.history": async (about, all) => {
			const [deleted] = await deletedOf(about, all);
			if (deleted) return runForUser(deps, () => showHistory(deps, deleted.id));
			return onFirst(({ id }) => showHistory(deps, id))(about, all);
		},
		"memory.restoreVersion": (about) => {
			const uri = about instanceof vscode.Uri ? about : vscode.window.activeTextEditor?.document.uri;
			return uri && restoreVersion(deps, uri);
		},
		"memory.whereFrom": onFirst(showSource),
		tidyUp: () => tidyUpMemories(deps),
		"review.open": onCandidates(([first]) => first && showProposal(first)),
		"review.accept": onCandidates((candidates) => acceptCandidates(deps, candidates)),
		"review.edit": onCandidates(([first]) => first && documents.edit(first)),
		"review.merge": onCandidates((candidates) => mergeCandidates(deps, candidates)),
		"review.reject": reject,
		// Of two that contradict each other, nothing is changed.
		"review.keepBoth": reject,
	};
	return vscode.Disposable.from(
		{ dispose: view.dispose },
		...Object.entries(commands).map(([name, command]) =>
			vscode.commands.registerCommand(`mcpMem0.${name}`, command),
		),
	);
}

function idOf(row: Node): string | undefined {
	if ("memory" in row) return row.memory.id;
	return "candidate" in row ? row.candidate.id : undefined;
}
