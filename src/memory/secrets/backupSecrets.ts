import * as l10n from "@vscode/l10n";
import type { Backups } from "../../store/backups.ts";
import { plural } from "../../text/wording.ts";
import { errorText } from "../errorText.ts";
import { lookForSecrets } from "./keptSecrets.ts";

export interface BackupSecrets {
	/** Backups that had secrets, and have none now. */
	readonly cleaned: number;
	/** Backups that were looked through. */
	readonly backups: number;
	/** Those that could not be, with the reason. */
	readonly failed: readonly { readonly path: string; readonly why: string }[];
}

/** Looks through all backups, and erases a user's secrets in them as in the memory itself. */
export async function eraseInBackups(
	{ backups, userId }: { readonly backups: Backups; readonly userId: string },
	report: (message: string) => void,
	signal: AbortSignal,
): Promise<BackupSecrets> {
	const files = await backups.list();
	const failed: { path: string; why: string }[] = [];
	let cleaned = 0;
	for (const [index, file] of files.entries()) {
		signal.throwIfAborted();
		report(l10n.t`backup ${index + 1} of ${files.length}`);
		try {
			const isChanged = await backups.rewrite(file, async (store) => {
				const kept = await lookForSecrets({ store, userId }, () => undefined, signal);
				if (kept.affected > 0) await kept.erase();
				return kept.affected > 0;
			});
			if (isChanged) cleaned += 1;
		} catch (error) {
			signal.throwIfAborted();
			failed.push({ path: file.path, why: errorText(error) });
		}
	}
	return { cleaned, backups: files.length, failed };
}

/** What came of it, for a person. */
export function erasedInBackups({ cleaned, backups, failed }: BackupSecrets): string {
	const many = plural(backups, l10n.t("# backup"), l10n.t("# backups"));
	if (cleaned === 0 && failed.length === 0) return l10n.t`No secret in ${many}.`;
	const rest = failed.map(({ path, why }) => l10n.t`${path} could not be cleaned, so delete it: ${why}`);
	return [l10n.t`Erased the secrets in ${cleaned} of ${many}.`, ...rest].join(" ");
}
