import * as l10n from "@vscode/l10n";
import { isPrivateHost } from "./urls.ts";

const tlsModes = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;

/** How to reach the memory's database in PostgreSQL. */
export interface DatabaseConfig {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	/** For `host` alone. */
	readonly password: string | undefined;
	readonly database: string;
	readonly tls: (typeof tlsModes)[number];
	readonly caFile: string | undefined;
	readonly schema: string;
	readonly poolSize: number;
	/** ms */
	readonly poolTimeout: number;
	/** ms; 0: never. */
	readonly poolRecycle: number;
	readonly retries: number;
}

export type DatabaseAddress = Pick<
	DatabaseConfig,
	"host" | "port" | "user" | "password" | "database" | "tls" | "caFile"
>;

export const acceptedUrl = () =>
	l10n.t(
		"a URL of a database, such as postgres://user@db.example.com:5432/memory, with special characters of user and password percent-encoded",
	);

/** @returns what is accepted instead, in words, if the URL is not one of a database. */
export function readDatabaseUrl(text: string): DatabaseAddress | string {
	// Drivers of other languages add their name, as in postgresql+asyncpg://.
	const plain = text.replace(/^(postgres(?:ql)?)\+\w+:/i, "$1:");
	if (!/^postgres(ql)?:\/\//i.test(plain) || !URL.canParse(plain)) return acceptedUrl();
	const { hostname, port, username, password, pathname, searchParams, hash } = new URL(plain);
	// The rest of a password with / or #, of which a piece would be taken for the host, and shown.
	if (hash !== "" || pathname.includes("@")) return acceptedUrl();
	const name = decoded(pathname.slice(1));
	const user = decoded(username);
	const secret = decoded(password);
	// A path, as of a Unix socket, stands in `host`.
	const host = searchParams.get("host") || decoded(hostname)?.replace(/^\[(.*)\]$/, "$1");
	if (name === undefined || user === undefined || secret === undefined || !host) return acceptedUrl();
	if (user === "") return l10n.t`${acceptedUrl()}; it names no user`;
	// There, nobody would look for it who hides passwords.
	if (searchParams.has("password"))
		return l10n.t`${acceptedUrl()}; a password stands before the host, as in user:password@host`;
	const mode = searchParams.get("sslmode")?.toLowerCase();
	const tls = tlsModes.find((each) => each === (mode === "allow" ? "prefer" : mode));
	if (mode && !tls) return l10n.t`${acceptedUrl()}; its sslmode is one of allow, ${tlsModes.join(", ")}`;
	return {
		host,
		port: Number(port || searchParams.get("port") || 5432),
		user,
		password: secret || undefined,
		database: name || user,
		// Beyond this network, nobody is to read along.
		tls: tls ?? (isNear(host) ? "prefer" : "require"),
		caFile: searchParams.get("sslrootcert") || undefined,
	};
}

/** On this machine or in its network: also a name without a dot, such as that of a container. */
function isNear(host: string): boolean {
	return host.startsWith("/") || isPrivateHost(host) || !/[.:]/.test(host);
}

/** The password in a URL of a database, as it is written and as it is meant. */
export function passwordsOf(url: string): readonly string[] {
	const places = [/^[a-z+]+:\/\/[^/?#:@]*:([^/?#]*)@/i, /^postgres(?:ql)?[+:].*[?&]password=([^&#]+)/i];
	const written = places.flatMap((place) => place.exec(url.trim())?.[1] || []);
	return [...new Set(written.flatMap((each) => [each, decoded(each) ?? each]))];
}

function decoded(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		// A percent sign that is to be itself stands as %25 in a URL.
		return undefined;
	}
}
