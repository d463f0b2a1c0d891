import * as l10n from "@vscode/l10n";
import { listOf, plural } from "../text/wording.ts";
/** Saves that wait for the host of another configuration, in words; undefined if there are none. */
export function heldBackWords(saves: number, origins: readonly string[]) {
	if (saves === 0) return undefined;
	const where = listOf(
		origins.map((origin) => listOf(origin.split(","), "disjunction") || l10n.t("another program's model")),
	);
	const count = plural(saves, l10n.t("# save waits"), l10n.t("# saves wait"));
	return {
		state: l10n.t`${count} to be distilled at ${where}, the host that another configuration names.`,
		effect: plural(
			saves,
			l10n.t("It can be found word for word."),
			l10n.t("They can be found word for word."),
		),
		remedy: plural(
			saves,
			l10n.t(
				"To send it to the configured language model instead, run Mem0: Distill Waiting Saves, or mcp-mem0 distill",
			),
			l10n.t(
				"To send them to the configured language model instead, run Mem0: Distill Waiting Saves, or mcp-mem0 distill",
			),
		),
	};
}

/** What the status says of them. */
export function heldBackNotice(saves: number, origins: readonly string[]): string[] {
	const words = heldBackWords(saves, origins);
	return words ? [`${words.state} ${words.effect} ${words.remedy}.`] : [];
}
