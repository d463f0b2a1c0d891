import { assignmentsIn } from "./assignments.ts";
import { joinedLines } from "./brokenLines.ts";
import { isExample, isReference } from "./examples.ts";
import { commandPassword, connectionPassword, patterns } from "./patterns.ts";
import type { FoundSecret } from "./secretKinds.ts";

/**
 * The secrets in a text, in order and apart from each other. Nothing of what they are leaves this function: neither does a
 * message of a rule, which would quote them.
 */
export async function findSecrets(text: string): Promise<readonly FoundSecret[]> {
	if (!mayHaveSecrets.test(text)) return [];
	const { secretsByRules } = await import("./rules.ts");
	const byShape = [...secretsByPatterns(text), ...(await secretsByRules(text))];
	const found = [...byShape, ...brokenSecrets(text, byShape), ...assignmentsIn(text)];
	const real = found.filter(({ name, start, end }) => {
		const value = text.slice(start, end);
		const isNone = isReference(value) || isNoPassword.test(value);
		return !isExample(value) && !(isNone && inAddresses.has(name));
	});
	return apart(real);
}

const inAddresses = new Set(["password in a URL", connectionPassword, commandPassword]);

function secretsByPatterns(text: string): readonly FoundSecret[] {
	return patterns.flatMap(({ name, pattern }) =>
		[...text.matchAll(pattern)].map((match) => {
			const [start, end] = match.indices?.groups?.secret ?? match.indices?.[0] ?? [0, 0];
			return { name, start, end };
		}),
	);
}

/** Those that are broken over lines. One that is whole on its line goes on only in what looks like more of it. */
function brokenSecrets(text: string, whole: readonly FoundSecret[]): readonly FoundSecret[] {
	const joined = joinedLines(text);
	if (!joined) return [];
	return secretsByPatterns(joined.text).flatMap(({ name, start, end }) => {
		const range = joined.rangeOf(start, end);
		if (!range) return [];
		const isWhole = whole.some((each) => each.start === range.start);
		const goesOn = /\d/.test(range.next) && /[A-Z]/.test(range.next) && /[a-z]/.test(range.next);
		return isWhole && !goesOn ? [] : [{ name, start: range.start, end: range.end }];
	});
}

/** Every secret has as many signs in a row, or a separator before it that a sentence seldom has. */
const mayHaveSecrets = /[A-Za-z0-9+/_=.-]{16}|:\/\/[^\s/]*@|[=:"'`]|pass|secret|token|key/i;

/** What examples write for a password in an address. */
const isNoPassword =
	/^(?:[\w-]*(?:password|passwd)|p(?:a|4|%40)ss|pwd|secret|token|key|user(?:name)?|postgres|root|admin|guest|x-oauth-basic|mysql|mongo|redis|test|abc|xyz|foo|bar|baz|p|pw|\d{1,5})$|^p%40ss/i;

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
