import * as l10n from "@vscode/l10n";
import { listOf } from "../../text/wording.ts";

export interface FoundSecret {
	/** Its kind, for people, such as "GitHub token". */
	readonly name: string;
	/** Offsets in the text. */
	readonly start: number;
	readonly end: number;
}

export type SecretPolicy = "redact" | "ask" | "refuse" | "keep";

/** Asks a person what is to become of a text with secrets of these kinds. */
export type AskAboutSecrets = (kinds: readonly string[]) => Promise<Exclude<SecretPolicy, "ask">>;

/** "a GitHub token and password (2 times)". */
export function listed(kinds: readonly string[]): string {
	const counts = new Map<string, number>();
	for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
	const each = [...counts].map(([kind, count]) => {
		if (count > 1) return l10n.t`${kind} (${count} times)`;
		return /^[aeiouAEIOU]|^npm/.test(kind) ? l10n.t`an ${kind}` : l10n.t`a ${kind}`;
	});
	return listOf(each);
}
