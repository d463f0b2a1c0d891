import { mask } from "../effective.ts";
import { headersIn } from "../values.ts";

/** Names of headers whose values are secret. */
const secretName = /auth|token|secret|key|password|cookie|session/i;

/**
 * Headers as the panel may show them: secrets are masked, unless they name an environment variable or were typed there.
 * @param typed whether the text was typed in the panel; what is in `saved` was not.
 */
export function shownHeaders(text: string, saved: string | undefined, typed: boolean): string {
	const headers = headersIn(text);
	if (!headers) return text;
	const before = headersIn(saved ?? "") ?? {};
	const shown = Object.entries(headers).map(([name, value]) => {
		const secret = secretName.test(name) && value !== "" && !value.includes("${env:");
		return [name, secret && (!typed || before[name] === value) ? mask : value];
	});
	return JSON.stringify(Object.fromEntries(shown));
}

/** The headers behind an edited text: a value that is still masked is unchanged. */
export function meantHeaders(text: string, before: string | undefined): string {
	const headers = headersIn(text);
	if (!headers) return text;
	const known = headersIn(before ?? "") ?? {};
	const meant = Object.entries(headers).map(([name, value]) => [
		name,
		value === mask ? (known[name] ?? "") : value,
	]);
	return Object.keys(headers).length === 0 ? "" : JSON.stringify(Object.fromEntries(meant));
}
