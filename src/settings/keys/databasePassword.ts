import { readDatabaseUrl } from "../../config/database.ts";

/** The name in the secret storage of the password for a URL; for its user and host alone. Undefined: no valid URL. */
export function passwordSecret(url: string): string | undefined {
	const read = readDatabaseUrl(url);
	return typeof read === "string" ? undefined : `DATABASE_PASSWORD ${databaseHost(read)}`;
}

/** Who a password is for, for people. */
export function databaseHost({ user, host, port }: { user: string; host: string; port: number }): string {
	return `${encodeURIComponent(user)}@${host}:${port}`;
}

/** The password that stands in a URL, and the URL without it. */
export function splitPassword(url: string): { readonly url: string; readonly password: string | undefined } {
	const read = readDatabaseUrl(url);
	if (typeof read === "string") return splitRaw(url);
	if (read.password === undefined) return { url, password: undefined };
	return { url: url.replace(/^([^/]+:\/\/[^/?#:@]*):[^/?#]*@/, "$1@"), password: read.password };
}

/** People paste passwords as they are, with signs that a URL has percent-encoded. */
function splitRaw(given: string): ReturnType<typeof splitPassword> {
	const [, start, password, rest] = /^\s*([a-z+]+:\/\/[^/?#:@]+):(.+)@([^@/]+(?:\/.*)?)$/i.exec(given) ?? [];
	const url = `${start}@${rest}`;
	return password && typeof readDatabaseUrl(url) !== "string"
		? { url, password }
		: { url: given, password: undefined };
}

/** A URL with a password in the place of its own. */
export function withPassword(url: string, password: string | undefined): string {
	if (!password) return url;
	return splitPassword(url).url.replace(
		/^([^/]+:\/\/[^/?#@]*)@/,
		`$1:${encodeURIComponent(password).replaceAll("$", "$$$$")}@`,
	);
}
