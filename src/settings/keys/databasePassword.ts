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
	if (typeof read === "string" || read.password === undefined) return { url, password: undefined };
	return { url: url.replace(/^([^/]+:\/\/[^/?#:@]*):[^/?#]*@/, "$1@"), password: read.password };
}

/** A URL with a password in the place of its own. */
export function withPassword(url: string, password: string | undefined): string {
	if (!password) return url;
	return splitPassword(url).url.replace(
		/^([^/]+:\/\/[^/?#@]*)@/,
		`$1:${encodeURIComponent(password).replaceAll("$", "$$$$")}@`,
	);
}
