import * as l10n from "@vscode/l10n";
import { type EndpointUrl, originOf, readEndpointUrl, type UrlRefusal } from "./urls.ts";

/** Commas and line breaks, and white space before something that begins like a URL: elsewhere it is a slip. */
const between = /[,\r\n]+|\s+(?=[a-z][a-z0-9+.-]*:\/\/)/i;
const separator = ", ";
/** What stands for a comma by mistake: only before a URL, since URLs have some of it themselves. */
const mistaken = /["']?\s*[;|，；、]\s*["']?(?=[a-z][a-z0-9+.-]*:\/\/)/gi;
/** A list in JSON. */
const inBrackets = /^\s*\[\s*["'](.*)["']\s*\]\s*$/s;

/** Reads the base URLs of one or more servers of a model, each as `readEndpointUrl` does; `url` holds all of them. */
export function readEndpointUrls(text: string, provider: string | undefined): EndpointUrl | UrlRefusal {
	const plain = text.replace(inBrackets, "$1").replace(mistaken, separator);
	const given = plain
		.split(between)
		.map((each) => each.trim())
		.filter((each) => each !== "");
	const urls: string[] = [];
	const corrections = plain === text ? [] : [l10n.t("several URLs are separated by commas alone")];
	for (const each of given) {
		if (given.length > 1 && each.toLowerCase() === "default")
			return { accepted: l10n.t("the word default by itself, or URLs, separated by commas") };
		const read = readEndpointUrl(each, provider);
		if (!("url" in read)) {
			if (given.length === 1) return read;
			const { accepted, meant } = read;
			return {
				accepted: l10n.t`${accepted}, or several of them, separated by commas`,
				meant: meant && given.map((one) => (one === each ? meant : one)).join(separator),
			};
		}
		const { url } = read;
		if (urls.includes(url)) corrections.push(l10n.t`the URL ${url} was named twice`);
		else urls.push(url);
		for (const correction of read.corrections)
			corrections.push(given.length > 1 ? l10n.t`in ${each}, ${correction}` : correction);
	}
	// Only commas: says what a URL looks like.
	return urls.length === 0 ? readEndpointUrl(" ", provider) : { url: urls.join(separator), corrections };
}

/** The base URLs in a value that `readEndpointUrls` has read. */
export function urlsIn(value: string): readonly [string, ...string[]] {
	return value.split(separator) as [string, ...string[]];
}

/** The origins of some servers, each once. */
export function originsOfUrls(urls: readonly string[]): string[] {
	return [...new Set(urls.map(originOf))];
}

/** What a key for some servers is bound to: all their origins, in whatever order they were named. */
export function boundOrigin(urls: readonly string[]): string {
	return originsOfUrls(urls).sort().join(",");
}

/** The origins in `boundOrigin`. */
export function originsIn(bound: string): readonly string[] {
	return bound.split(",");
}

/** Whether what is bound to some origins may go to all of others. */
export function covers(bound: string, origins: string): boolean {
	return originsIn(origins).every((each) => originsIn(bound).includes(each));
}
