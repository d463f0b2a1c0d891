import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import type { Project } from "../../../store/types.ts";
import type { Deps } from "../../deps.ts";
import { runForUser } from "../../runForUser.ts";
import { notify, withProgress } from "../../ui.ts";

/** Months without use after which a memory of a project that is gone is stale. */
const unusedMonths = 6;

/** `Mem0: Tidy Up Memories…` */
export async function tidyUpMemories(deps: Deps): Promise<void> {
	const result = await runForUser(deps, () =>
		Promise.resolve(
			withProgress(vscode.l10n.t("Looking for what could be tidied up"), async (_, signal) => {
				const { tidyUp } = await import("../../../memory/curating/tidyUp.ts");
				const options = { now: Date.now(), unusedMonths, isGone: folderIsGone, signal };
				// Cancelled: nothing was proposed.
				return tidyUp(await deps.memory.get(), options).catch((error: unknown) => {
					if (signal.aborted) return undefined;
					throw error;
				});
			}),
		),
	);
	if (!result) return;
	const { proposed, examined } = result;
	if (proposed === 0)
		return void notify.info(
			vscode.l10n.t("Examined {0} memories: there is nothing new to tidy up.", examined),
		);
	const review = vscode.l10n.t("Review");
	const message = vscode.l10n.t(
		"Examined {0} memories. Proposals that wait for your review: {1}. Nothing was changed.",
		examined,
		proposed,
	);
	if (await notify.info(message, review)) await vscode.commands.executeCommand("mcpMem0.showMemories");
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
