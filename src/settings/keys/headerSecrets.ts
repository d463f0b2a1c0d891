import { mask } from "../effective.ts";
import { headersIn } from "../values.ts";

/** Headers that carry what nobody else may know, by their names. */
const secretName = /auth|token|secret|key|password|cookie|session/i;

/**
 * Headers as they may be shown: what is secret in them is masked, unless it names an environment variable, or was
 * typed where it is shown.
 * @param typed whether the text was typed there; what is in `saved` was not.
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

/** The headers that are meant by what was shown and edited: what is still masked is what it was. */
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
