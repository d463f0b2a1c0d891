import type { Restored, RestorePreview } from "../../store/backups.ts";
import { oneLine } from "../../text/inert.ts";
import { counted } from "../../text/wording.ts";

/**
 * What restoring a backup would change, for a person.
 * @param what the backup, at the beginning of a sentence.
 */
export function previewWords(what: string, preview: RestorePreview): readonly string[] {
	const { contents, added, removed, changed, now, examples } = preview;
	const users = contents.users > 1 ? ` of ${contents.users} users` : "";
	const head = `${what} has ${counted(contents.memories)}${users}; the memory has ${now} now.`;
	if (added + removed + changed === 0) return [head, "All memories have the same texts in both."];
	const part = (count: number, what: string, texts: readonly string[]) =>
		count === 0
			? []
			: [
					`${counted(count)} would ${what}:`,
					...texts.map((text) => `  “${oneLine(text, 100)}”`),
					...(count > texts.length ? [`  and ${count - texts.length} more`] : []),
				];
	return [
		head,
		...part(added, "come back", examples.added),
		...part(removed, "go away", examples.removed),
		...part(changed, "get the text they had", examples.changed),
	];
}

export function restoredWords({ contents }: Restored): string {
	return `Restored ${counted(contents.memories)}. Programs that have the memory open go on with it.`;
}
