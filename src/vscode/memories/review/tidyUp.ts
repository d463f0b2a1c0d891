import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import type { ModelPlan, TidyUpResult } from "../../../memory/curating/tidyUp.ts";
import { errorText } from "../../../memory/errorText.ts";
import { sizeOf } from "../../../settings/reembedOffer.ts";
import { inSettings } from "../../../settings/settingNames.ts";
import type { Project } from "../../../store/types.ts";
import { counted, plural } from "../../../text/wording.ts";
import type { Deps } from "../../deps.ts";
import { runForUser } from "../../runForUser.ts";
import { choose, flash, notify, withProgress } from "../../ui.ts";

/** Months without use after which a memory of a project that is gone is stale. */
const unusedMonths = 6;

/** `Mem0: Tidy Up Memories…` */
export async function tidyUpMemories(deps: Deps): Promise<void> {
	const title = vscode.l10n.t("Looking for what could be tidied up");
	const result = await runForUser(deps, () =>
		Promise.resolve(withProgress(title, (report, cancelled) => lookThrough(deps, report, cancelled))),
	);
	if (!result) return;
	const { proposed, examined, modelFailure } = result;
	if (modelFailure) {
		const why = vscode.l10n.t(
			"The language model has not answered all questions: {0}",
			inSettings(errorText(modelFailure)),
		);
		void notify.warn(`${why} ${vscode.l10n.t("What words tell is proposed all the same.")}`);
	}
	if (proposed === 0)
		return flash(vscode.l10n.t("Examined {0}: there is nothing new to tidy up", counted(examined)));
	const review = vscode.l10n.t("Review");
	const message = vscode.l10n.t(
		"Examined {0}. Proposals that wait for your review: {1}. Nothing was changed.",
		counted(examined),
		proposed,
	);
	if (await notify.info(message, review)) await vscode.commands.executeCommand("mcpMem0.showMemories");
}

/** @returns undefined if it was cancelled: then nothing is proposed. */
async function lookThrough(
	deps: Deps,
	report: (message: string, increment?: number) => void,
	cancelled: AbortSignal,
): Promise<TidyUpResult | undefined> {
	const { tidyUp } = await import("../../../memory/curating/tidyUp.ts");
	const left = new AbortController();
	const signal = AbortSignal.any([cancelled, left.signal]);
	const options = { now: Date.now(), unusedMonths, isGone: folderIsGone, signal };
	const model = {
		agree: async (plan: ModelPlan) => {
			const answer = await mayAsk(plan);
			if (answer === undefined) left.abort(new Error("cancelled"));
			return answer ?? false;
		},
		report: (done: number, of: number) =>
			report(vscode.l10n.t("Asking the language model: {0} of {1}", done + 1, of), 100 / of),
	};
	return tidyUp(await deps.memory.get(), options, model).catch((error: unknown) => {
		if (signal.aborted) return undefined;
		throw error;
	});
}

/** @returns undefined if the person wants neither. */
async function mayAsk({ memories, bytes, requests, model, origin }: ModelPlan): Promise<boolean | undefined> {
	const send = vscode.l10n.t("Send");
	const without = vscode.l10n.t("Go by Words Alone");
	const question = vscode.l10n.t("Send {0} to {1}?", counted(memories), origin === "" ? model : origin);
	const asked = plural(requests, vscode.l10n.t("# request"), vscode.l10n.t("up to # requests"));
	const detail = vscode.l10n.t(
		"{0} judges which of them say the same or contradict each other, and where long ones are split: {1}, {2} together. It only proposes; you review.",
		model,
		asked,
		sizeOf(bytes),
	);
	const chosen = await choose(question, detail, send, without);
	return chosen === undefined ? undefined : chosen === send;
}

/** A project without a git remote is known by the path of its folder. */
async function folderIsGone({ id }: Project): Promise<boolean> {
	if (!isAbsolute(id)) return false;
	try {
		await stat(id);
		return false;
	} catch (error) {
		// A folder that cannot be read is there.
		return (error as NodeJS.ErrnoException).code === "ENOENT";
	}
}
