import * as l10n from "@vscode/l10n";
import { readDatabaseUrl } from "../config/database.ts";
import { listOf } from "../text/wording.ts";
import type { SettingVariable, Values } from "./values.ts";

/** Where a team's memory can be, and the form of a database's URL there. */
interface DatabasePreset {
	readonly id: "none" | "server" | "local" | "supabase" | "managed" | "other";
	readonly label: string;
	/** What to copy from where. */
	readonly description: string;
	/** What is left to the person stands in it in capitals. */
	readonly url: string | undefined;
}

/** Read when the panel is drawn, in the window's language. */
export function databasePresets(): readonly DatabasePreset[] {
	return [
		{
			id: "none",
			label: l10n.t("None: memories are kept on this machine"),
			description: l10n.t("Memories are kept in the folder above, in an SQLite database."),
			url: undefined,
		},
		{
			id: "server",
			label: l10n.t("Team's server, with a token"),
			description: l10n.t(
				"A server that your team runs keeps the memory, and has models of its own. Its administrator tells you its URL, and gives you a token.",
			),
			url: undefined,
		},
		{
			id: "local",
			label: l10n.t("Local PostgreSQL"),
			description: l10n.t(
				"PostgreSQL 15 or newer with pgvector, on this machine or in its network. Correct user, host and database where yours differ.",
			),
			url: "postgres://postgres@localhost:5432/postgres?sslmode=prefer",
		},
		{
			id: "supabase",
			label: "Supabase",
			description: l10n.t(
				"In your project at supabase.com, open Connect and copy the URL of the transaction pooler to here; the password is that of the database.",
			),
			url: "postgres://postgres.PROJECT@aws-0-REGION.pooler.supabase.com:6543/postgres?sslmode=require",
		},
		{
			id: "managed",
			label: l10n.t("Managed PostgreSQL (RDS, Cloud SQL, Azure, Neon)"),
			description: l10n.t(
				"Copy host, user and database from the provider's page of connection details. Where the provider has an authority of its own, as RDS and Cloud SQL do, add &sslrootcert= with the path of its CA file.",
			),
			url: "postgres://USER@HOST:5432/DATABASE?sslmode=verify-full",
		},
		{
			id: "other",
			label: l10n.t("Other PostgreSQL server"),
			description: l10n.t("Ask the administrator of the server for its host, a user and a database."),
			url: "postgres://USER@HOST:5432/DATABASE?sslmode=require",
		},
	];
}

export type DatabaseChoice = DatabasePreset["id"];

/** Where the memory is, as far as the values tell. @param required what is still to be entered. */
export function placeChoice(
	{ TEAM_SERVER_URL, DATABASE_URL }: Values,
	required: readonly SettingVariable[],
): DatabaseChoice {
	const onServer = TEAM_SERVER_URL !== undefined || required.includes("TEAM_SERVER_URL");
	return onServer ? "server" : databaseChoice(DATABASE_URL);
}

/** The preset that a URL is of, as far as it tells. */
export function databaseChoice(url: string | undefined): DatabaseChoice {
	if (!url?.trim()) return "none";
	const read = readDatabaseUrl(url.trim());
	if (typeof read === "string") return "other";
	const { host, tls } = read;
	if (/\.supabase\.(com|co)$/i.test(host)) return "supabase";
	if (/^(localhost|127\..*|::1|\/.*)$/i.test(host)) return "local";
	return tls === "verify-full" ? "managed" : "other";
}

/** What a preset has left to the person; undefined if nothing is left. */
export function leftInUrl(url: string): string | undefined {
	const [address = ""] = url.split("?");
	const left = address.match(/\b(PROJECT|REGION|USER|HOST|DATABASE)\b/g);
	return left ? l10n.t`Replace ${listOf([...new Set(left)])} with what your database has.` : undefined;
}
