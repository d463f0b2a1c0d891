import * as vscode from "vscode";
import type { ChangeRequest } from "../../../memory/changing.ts";
import type { Memory, Project } from "../../../store/types.ts";
import { counted, plural, shortened } from "../../../text/wording.ts";
import type { Deps } from "../../deps.ts";
import { runForUser } from "../../runForUser.ts";
import { flash, type Item, notify, pick } from "../../ui.ts";
import { memoryUri } from "../documents/memoryUri.ts";

/*
 * What a person does with one or more memories: from the tree, the title of an editor, or the keyboard.
 */

/** More documents at once would bury the others. */
const mostOpened = 20;
/** What one person reads in a chat, or wants to have in the clipboard, has blank lines between its parts. */
const between = "\n\n";

/**
 * Opens documents of memories.
 * @param shows only shows it: the focus stays where it is, and the next document takes its place.
 */
export async function openMemories(memories: readonly Memory[], shows = false): Promise<void> {
	const isOne = memories.length === 1;
	for (const { id, text } of memories.slice(0, mostOpened))
		await vscode.window.showTextDocument(memoryUri(id, text), {
			preview: isOne && shows,
			preserveFocus: !isOne || shows,
		});
	if (memories.length > mostOpened)
		flash(vscode.l10n.t("Opened the first {0} of {1}", mostOpened, counted(memories.length)));
}

export async function copyMemories(memories: readonly Memory[]): Promise<void> {
	await vscode.env.clipboard.writeText(textOf(memories));
	flash(vscode.l10n.t("Copied {0}", counted(memories.length)));
}

/** At the cursor; what is selected stays. Without an editor that takes it, to the clipboard. */
export async function insertMemories(memories: readonly Memory[]): Promise<void> {
	const editor = vscode.window.activeTextEditor;
	const inserted = await editor?.edit((edit) => edit.insert(editor.selection.active, textOf(memories)));
	if (!inserted) await copyMemories(memories);
}

/** As attachments, so that what stands in the input of the chat stays. */
export async function addToChat(memories: readonly Memory[]): Promise<void> {
	const attachFiles = memories.map(({ id, text }) => memoryUri(id, text));
	await vscode.commands.executeCommand("workbench.action.chat.open", { attachFiles });
}

export async function setPinned(deps: Deps, memories: readonly Memory[], pinned: boolean): Promise<void> {
	await change(
		deps,
		memories.map(({ id }) => ({ id, pinned })),
	);
}

/** Asks for the place, and moves all of them there. */
export async function moveMemories(
	deps: Deps,
	memories: readonly Memory[],
	projects: readonly Project[],
): Promise<void> {
	const here = await deps.currentProject();
	const others = projects.filter(({ id }) => id !== here?.id);
	const items: readonly (Item & { readonly project: Project | null })[] = [
		{ label: vscode.l10n.t("Global"), icon: "globe", project: null },
		...(here
			? [{ label: vscode.l10n.t("This project"), icon: "root-folder", description: here.id, project: here }]
			: []),
		...others.map((project) => ({ label: project.name, icon: "folder", description: project.id, project })),
	];
	const chosen = await pick(items, {
		title: vscode.l10n.t("Move {0}", counted(memories.length)),
		placeHolder:
			memories.length === 1 ? vscode.l10n.t("Where does it apply?") : vscode.l10n.t("Where do they apply?"),
	});
	if (!chosen) return;
	const { project } = chosen;
	const place = project ? { scope: "project", project } : { scope: "global" };
	const moved = await change(
		deps,
		memories.map(({ id }) => ({ id, ...place })),
	);
	if (!moved) return;
	const undo = vscode.l10n.t("Undo");
	const message = vscode.l10n.t("Moved {0} to {1}.", counted(moved.length), chosen.label);
	if (await notify.info(message, undo))
		await runForUser(deps, async () => (await deps.memory.get()).undo(moved));
}

/** Asks who is to find them, in a team. */
export async function shareMemories(deps: Deps, memories: readonly Memory[]): Promise<void> {
	const what = counted(memories.length);
	const items = [
		{
			label: vscode.l10n.t("Only their author"),
			icon: "lock",
			visibility: "private",
			done: vscode.l10n.t("Only their author finds {0}.", what),
		},
		{
			label: vscode.l10n.t("Everybody who works on the project"),
			icon: "folder",
			visibility: "project",
			done: vscode.l10n.t("Everybody who works on the project finds {0}.", what),
		},
		{
			label: vscode.l10n.t("Everybody in the team"),
			icon: "organization",
			visibility: "team",
			done: vscode.l10n.t("Everybody in the team finds {0}.", what),
		},
	].filter(({ visibility }) => visibility !== "project" || memories.every(({ project }) => project));
	const chosen = await pick(items, {
		title: vscode.l10n.t("Share {0}", what),
		placeHolder: vscode.l10n.t("Who finds them?"),
	});
	if (!chosen) return;
	const { visibility, done } = chosen;
	const shared = await change(
		deps,
		memories.map(({ id }) => ({ id, visibility })),
	);
	if (!shared) return;
	const undo = vscode.l10n.t("Undo");
	const waits = shared.some(({ after }) => after.visibility?.startsWith("proposed-"));
	const message = waits ? vscode.l10n.t("An administrator decides whether to share {0}.", what) : done;
	if (await notify.info(message, undo))
		await runForUser(deps, async () => (await deps.memory.get()).undo(shared));
}

/**
 * Deletes all of them, with one Undo.
 * @param changed is called when they are gone, and again when they are back.
 */
export async function deleteMemories(
	deps: Deps,
	memories: readonly Memory[],
	changed?: () => unknown,
): Promise<void> {
	const ids = memories.map(({ id }) => id);
	const deleted = await runForUser(deps, async () => (await deps.memory.get()).deleteAll(ids));
	changed?.();
	const [first] = deleted ?? [];
	if (!deleted || !first) return;
	const what = deleted.length === 1 ? `“${shortened(first.text)}”` : counted(deleted.length);
	const undo = vscode.l10n.t("Undo");
	if (!(await notify.info(vscode.l10n.t("Deleted {0}.", what), undo))) return;
	await restoreMemories(
		deps,
		deleted.map(({ id }) => id),
	);
	changed?.();
}

export async function restoreMemories(deps: Deps, ids: readonly string[]): Promise<void> {
	const restored = await runForUser(deps, async () => (await deps.memory.get()).restoreAll(ids));
	if (!restored) return;
	const gone = ids.length - restored.length;
	if (gone === 0) return flash(vscode.l10n.t("Restored {0}", counted(restored.length)));
	const left = plural(
		gone,
		vscode.l10n.t("# memory can no longer be restored: it was erased, or is there already."),
		vscode.l10n.t("# memories can no longer be restored: they were erased, or are there already."),
	);
	void notify.warn(vscode.l10n.t("Restored {0}. {1}", counted(restored.length), left));
}

async function change(deps: Deps, changes: readonly ChangeRequest[]) {
	return runForUser(deps, async () => (await deps.memory.get()).change(changes));
}

function textOf(memories: readonly Memory[]): string {
	return memories.map(({ text }) => text).join(between);
}
