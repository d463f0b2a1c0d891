import * as vscode from "vscode";
import { mergedText } from "../../../memory/curating/decisions.ts";
import type { Candidate, Decided } from "../../../store/candidates.ts";
import type { Memory } from "../../../store/types.ts";
import { oneLine } from "../../../text/inert.ts";
import type { Deps } from "../../deps.ts";
import { runForUser } from "../../runForUser.ts";
import { flash, type Item, notify, pick } from "../../ui.ts";
import { memoryUri } from "../documents/memoryUri.ts";

/*
 * What a person decides on candidates. Everything can be undone.
 */

export async function acceptCandidates(deps: Deps, candidates: readonly Candidate[]): Promise<void> {
	const decided = await runForUser(deps, async () => (await deps.memory.get()).acceptCandidates(candidates));
	if (decided) await offerUndo(deps, decided, acceptedText(decided.length, candidates.length));
}

export async function rejectCandidates(deps: Deps, candidates: readonly Candidate[]): Promise<void> {
	const decided = await runForUser(deps, async () =>
		(await deps.memory.get()).review.reject(candidates.map(({ id }) => id)),
	);
	if (!decided) return;
	const [first] = candidates;
	const message =
		decided.length === 1 && candidates.length === 1 && first
			? vscode.l10n.t("Rejected “{0}”. It will not be proposed again.", oneLine(first.text, 60))
			: vscode.l10n.t("Rejected {0}. They will not be proposed again.", decided.length);
	await offerUndo(deps, decided, message);
}

/** Makes candidates parts of a memory that a person chooses from those that say something similar. */
export async function mergeCandidates(deps: Deps, candidates: readonly Candidate[]): Promise<void> {
	for (const candidate of candidates) {
		const memory = await chooseMemory(deps, candidate);
		if (!memory) return;
		const decided = await runForUser(deps, async () =>
			(await deps.memory.get()).review.merge(candidate.id, memory, mergedText(candidate, memory)),
		);
		if (!decided) return;
		await vscode.window.showTextDocument(memoryUri(memory.id, memory.text), { preview: true });
		void offerUndo(deps, [decided], vscode.l10n.t("Merged into “{0}”.", oneLine(memory.text, 60)));
	}
}

async function chooseMemory(deps: Deps, { text, project }: Candidate): Promise<Memory | undefined> {
	const found = await runForUser(deps, async () =>
		(await deps.memory.get()).search({
			query: text,
			scope: project ? undefined : "global",
			project,
			limit: 20,
		}),
	);
	if (!found) return undefined;
	if (found.memories.length === 0) {
		void notify.info(vscode.l10n.t("No memory says something similar. Accept it, or edit it first."));
		return undefined;
	}
	const items = found.memories.map((memory) => ({
		label: oneLine(memory.text, 90),
		description: vscode.l10n.t("{0} %", Math.round(memory.score * 100)),
		memory,
	}));
	const title = vscode.l10n.t("Merge “{0}”", oneLine(text, 60));
	const placeHolder = vscode.l10n.t("Into which memory?");
	return (await pick<Item & { readonly memory: Memory }>(items, { title, placeHolder }))?.memory;
}

function acceptedText(decided: number, of: number): string {
	return decided === of
		? vscode.l10n.t("Accepted {0}.", decided)
		: vscode.l10n.t("Accepted {0} of {1}. The others are no longer possible.", decided, of);
}

async function offerUndo(deps: Deps, decided: readonly Decided[], message: string): Promise<void> {
	// Another window was first.
	if (decided.length === 0) return flash(vscode.l10n.t("This is no longer waiting for review."));
	const undo = vscode.l10n.t("Undo");
	if (!(await notify.info(message, undo))) return;
	await runForUser(deps, async () => (await deps.memory.get()).review.undo(decided));
	flash(vscode.l10n.t("Undone: {0} waiting again", decided.length));
}
