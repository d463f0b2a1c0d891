import * as l10n from "@vscode/l10n";
import type { Memory } from "../store/types.ts";
import { plural } from "../text/wording.ts";

/*
 * None of these say on which machine: for a client over the network it is the server's.
 */

/**
 * What people and agents are told of a change that only this machine has; undefined if the database has it. The status
 * says why: its advice to try again would lead an agent to save the text once more.
 */
export function keptHereNote(changed: readonly Pick<Memory, "keptHere">[]): string | undefined {
	if (!changed.some(({ keptHere }) => keptHere)) return undefined;
	return l10n.t(
		"The team's memory is away: this is kept, and arrives there when it is back. Nothing else is to be done.",
	);
}

/** What a search or a list is told that only this machine has answered. */
export function onlyHereNote(problem: string | undefined): string | undefined {
	return (
		problem &&
		l10n.t`The team's memories cannot be read now: these are only the ones that wait to be delivered. ${problem}`
	);
}

/** What waits, for the status; undefined if nothing does and the database answers. */
export function awayNotice(
	away: { readonly problem?: string; readonly waiting: number } | undefined,
): string | undefined {
	if (!away || (away.waiting === 0 && away.problem === undefined)) return undefined;
	const { waiting, problem } = away;
	const changes = plural(
		waiting,
		l10n.t("# change waits for the team's memory, and is delivered when that takes it."),
		l10n.t("# changes wait for the team's memory, and are delivered when that takes them."),
	);
	return [waiting > 0 ? changes : [], problem ?? []].flat().join(" ");
}
