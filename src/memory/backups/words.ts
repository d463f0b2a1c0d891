import * as l10n from "@vscode/l10n";
import type { Restored, RestorePreview } from "../../store/backups.ts";
import { oneLine } from "../../text/inert.ts";
import { counted } from "../../text/wording.ts";

/**
 * What restoring a backup would change, for a person.
 * @param what the backup, at the beginning of a sentence.
 */
export function previewWords(what: string, preview: RestorePreview): readonly string[] {
	const { contents, added, removed, changed, now, examples } = preview;
	const has = [what, counted(contents.memories), contents.users, now] as const;
	const head =
		contents.users > 1
			? l10n.t("{0} has {1} of {2} users; the memory has {3} now.", ...has)
			: l10n.t("{0} has {1}; the memory has {3} now.", ...has);
	if (added + removed + changed === 0) return [head, l10n.t("All memories have the same texts in both.")];
	const part = (count: number, what: string, texts: readonly string[]) =>
		count === 0
			? []
			: [
					what,
					...texts.map((text) => `  “${oneLine(text, 100)}”`),
					...(count > texts.length ? [`  ${l10n.t`and ${count - texts.length} more`}`] : []),
				];
	return [
		head,
		...part(added, l10n.t`${counted(added)} would come back:`, examples.added),
		...part(removed, l10n.t`${counted(removed)} would go away:`, examples.removed),
		...part(changed, l10n.t`${counted(changed)} would get the text they had:`, examples.changed),
	];
}

export function restoredWords({ contents }: Restored): string {
	return l10n.t`Restored ${counted(contents.memories)}. Programs that have the memory open go on with it.`;
}
