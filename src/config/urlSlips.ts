import * as l10n from "@vscode/l10n";

/** Slips of the keyboard or the clipboard: what to look for, its replacement, and the correction in words. */
const slips = (): readonly (readonly [
	pattern: RegExp,
	instead: (found: string) => string,
	said: string,
])[] => [
	// Japanese and Chinese keyboards type these.
	[
		/[\uff01-\uff5e]/g,
		(wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0),
		l10n.t("full-width characters were replaced"),
	],
	[/[\u00ad\u200b-\u200f\u2060\ufeff]/g, () => "", l10n.t("invisible characters were dropped")],
	[/[\u2010-\u2015\u2212]/g, () => "-", l10n.t("typographic dashes were replaced")],
	[
		/^[\s"'`“”„‘’«»<(]+|[\s"'`“”„‘’«»>),;.]+$/g,
		() => "",
		l10n.t("quotes or punctuation around the URL were dropped"),
	],
	[/\\/g, () => "/", l10n.t("backslashes were replaced")],
	[/\s+(?=[:/])|(?<=[:/])\s+/g, () => "", l10n.t("spaces were dropped")],
];

/** A URL before it is parsed, without the slips that are safe to correct. */
export interface MendedText {
	readonly scheme: "http" | "https" | undefined;
	/** What follows the scheme. */
	readonly rest: string;
	readonly corrections: readonly string[];
}

export function mendedText(given: string): MendedText {
	const corrections: string[] = [];
	let rest = given.trim();
	for (const [pattern, instead, said] of slips()) {
		const mended = rest.replace(pattern, instead);
		if (mended !== rest) corrections.push(said);
		rest = mended;
	}
	let scheme: MendedText["scheme"];
	// No host is called http: "http:/host", "http//host", "http;//host", "http://http://host".
	for (let found = schemeOf(rest); found; found = schemeOf(rest)) {
		if (scheme) corrections.push(l10n.t("the doubled scheme was dropped"));
		scheme = /s$/i.test(found.name) ? "https" : "http";
		if (found.separator !== "://")
			corrections.push(l10n.t`“${found.name + found.separator}” was read as ${scheme}://`);
		rest = rest.slice(found.name.length + found.separator.length);
	}
	return { scheme, rest: scheme ? rest : rest.replace(/^\/{2,}/, ""), corrections };
}

/** htp://, htttps:/, ttp// */
const misspeltScheme = /^((?=[^:;/]*t)(?=[^:;/]*p)[htps]{3,7})(?:[:;]+\/*(?!\d)|\/{2,})/i;

export function hasMisspeltScheme(text: string): boolean {
	return misspeltScheme.test(text);
}

function schemeOf(text: string) {
	const [, name, separator] = /^(https?)([:;.]*\/+(?:[:;](?![:\d]))?|[:;]+)/i.exec(text) ?? [];
	return name === undefined || separator === undefined ? undefined : { name, separator };
}

/**
 * The URL that an unusable text probably means, for the user to confirm.
 * @returns undefined if nothing is likely.
 */
export function probableUrl({ scheme, rest }: MendedText): string | undefined {
	const start = `${scheme ?? "http"}://`;
	const [, assigned] = /^[A-Z][A-Z_]+\s*=\s*["']?(.+)$/.exec(rest) ?? [];
	if (assigned) return whole(mendedText(assigned));
	const [, comment] = /^(\S+)\s+#/.exec(rest) ?? [];
	if (comment) return whole({ scheme, rest: comment, corrections: [] });
	const [misspelt, letters = ""] = misspeltScheme.exec(rest) ?? [];
	if (misspelt) return `${/s/i.test(letters) ? "https" : "http"}://${rest.slice(misspelt.length)}`;
	const [host = ""] = /^[^/?#]*/.exec(rest) ?? [];
	const path = rest.slice(host.length);
	const [, port] = /^:?(\d{2,5})$/.exec(host) ?? [];
	if (port) return `${start}localhost:${port}${path}`;
	const [, name, rightPort, glued] = /^([\w.-]+):(\d{2,5})(v\d+)$/i.exec(host) ?? [];
	if (name) return `${start}${name}:${rightPort}/${glued}${path}`;
	const [, address = "", last] = /^(.*:.*):(\d{2,5})$/.exec(host) ?? [];
	if (last && isIpv6(address)) return `${start}[${address}]:${last}${path}`;
	return isIpv6(host) ? `${start}[${host}]${path}` : undefined;
}

function isIpv6(address: string): boolean {
	return /^[\da-f:]*:[\da-f:.]*$/i.test(address) && URL.canParse(`http://[${address}]`);
}

function whole({ scheme = "http", rest }: MendedText): string {
	return `${scheme}://${rest}`;
}
