import { assignmentsIn } from "./assignments.ts";
import { isExample, isReference } from "./examples.ts";
import { patterns } from "./patterns.ts";
import type { FoundSecret } from "./secretKinds.ts";

/**
 * The secrets in a text, in order and apart from each other. Nothing of what they are leaves this function: neither does a
 * message of a rule, which would quote them.
 */
export async function findSecrets(text: string): Promise<readonly FoundSecret[]> {
	if (!mayHaveSecrets.test(text)) return [];
	const { secretsByRules } = await import("./rules.ts");
	const found = [
		...patterns.flatMap(({ name, pattern }) =>
			[...text.matchAll(pattern)].map((match) => {
				const [start, end] = match.indices?.groups?.secret ?? match.indices?.[0] ?? [0, 0];
				return { name, start, end };
			}),
		),
		...(await secretsByRules(text)),
		...assignmentsIn(text),
	];
	const real = found.filter(({ name, start, end }) => {
		const value = text.slice(start, end);
		return (
			!isExample(value) && !(name === "password in a URL" && (isReference(value) || isNoPassword.test(value)))
		);
	});
	return apart(real);
}

/** Every secret has as many signs in a row, or a separator before it that a sentence seldom has. */
const mayHaveSecrets = /[A-Za-z0-9+/_=.-]{16}|:\/\/[^\s/]*@|[=:"'`]|pass|secret|token|key/i;

/** What examples write for a password in an address. */
const isNoPassword =
	/^(?:[\w-]*(?:password|passwd)|p(?:a|4|%40)ss|pwd|secret|token|key|user(?:name)?|postgres|root|admin|guest|x-oauth-basic|mysql|mongo|redis|test|p|pw|\d{1,5})$|^p%40ss/i;

/** Of findings that overlap, the first and longest one; what reaches further makes it longer. */
function apart(found: readonly FoundSecret[]): readonly FoundSecret[] {
	const merged: FoundSecret[] = [];
	for (const next of [...found].sort((a, b) => a.start - b.start || b.end - a.end)) {
		const last = merged.at(-1);
		if (!last || next.start >= last.end) merged.push(next);
		else if (next.end > last.end) merged[merged.length - 1] = { ...last, end: next.end };
	}
	return merged;
}
