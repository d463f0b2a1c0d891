import * as l10n from "@vscode/l10n";
import { boundValue } from "./boundValues.ts";
import { type Network, networkOf } from "./network.ts";
import type { Reading, VariableValues } from "./reader.ts";
import type { ConfigProblem } from "./remarks.ts";
import { mendedText } from "./urlSlips.ts";
import { isPrivateHost } from "./urls.ts";

/** The HTTP server that holds the memory instead of a database. */
export interface TeamServer {
	/** Of its MCP endpoint, normalised: without a slash at the end. */
	readonly url: string;
	/** For the URL's origin alone. Undefined: an open window of VS Code may have it. */
	readonly token: string | undefined;
	/** What decides by which way it is reached. */
	readonly network: Network;
}

/** Why a text is not the URL of a team's server: `accepted` completes "it takes". */
interface Refusal {
	readonly accepted: string;
	readonly meant?: string | undefined;
}

const accepted = () =>
	l10n.t(
		"an https URL of a server's MCP endpoint, such as https://memory.example.com/mcp; http only on this machine or at a private address",
	);

/** Without a path, the server itself is meant. */
export function readTeamServerUrl(text: string): { readonly url: string } | Refusal {
	const { scheme, rest } = mendedText(text);
	const written = `${scheme ?? "https"}://${rest}`;
	if (/\s|:\/\/|^$/.test(rest) || !URL.canParse(written)) return { accepted: accepted() };
	const url = new URL(written);
	if (url.username || url.password)
		return {
			accepted: l10n.t`${accepted()}, without user name and password; the token stands in TEAM_SERVER_TOKEN`,
		};
	if (url.search || url.hash) return { accepted: l10n.t`${accepted()}, with nothing behind its path` };
	const path = url.pathname.replace(/\/+$/, "");
	const meant = `${url.origin}${path || "/mcp"}`;
	if (!scheme) return { accepted: accepted(), meant };
	// The token, and all texts, would go there for everyone on the way to read.
	if (scheme === "http" && !isPrivateHost(url.hostname))
		return { accepted: accepted(), meant: meant.replace(/^http:/, "https:") };
	return { url: meant };
}

function teamServerUrl({ TEAM_SERVER_URL: text }: VariableValues): string | undefined {
	const read = text === undefined ? undefined : readTeamServerUrl(text);
	return read && "url" in read ? read.url : undefined;
}

/** What keeps a team's server from being used: its URL, or a second place for the memory. */
export function teamServerProblems(values: VariableValues): ConfigProblem[] {
	const { TEAM_SERVER_URL: text, DATABASE_URL, TRANSPORT } = values;
	if (text === undefined) return [];
	const variable = "TEAM_SERVER_URL";
	const read = readTeamServerUrl(text);
	if (!("url" in read)) {
		const hidden = /[@\uff20?#]/.test(text);
		const value = hidden ? l10n.t("(hidden, because it may contain a password)") : JSON.stringify(text);
		const { accepted, meant } = read;
		return [{ kind: "invalid", variable, value, accepted, ...(meant && !hidden ? { meant } : {}) }];
	}
	if (DATABASE_URL !== undefined) return [{ kind: "two-places", variable, other: "DATABASE_URL" }];
	return TRANSPORT === "http" ? [{ kind: "two-places", variable, other: "TRANSPORT" }] : [];
}

/** The team's server of a reading without `teamServerProblems`; its token only if the same source names the server. */
export function teamServerOf(reading: Reading): TeamServer | undefined {
	const url = teamServerUrl(reading.values);
	if (url === undefined) {
		if (reading.values.TEAM_SERVER_TOKEN)
			reading.notices.push({ kind: "no-server", variable: "TEAM_SERVER_TOKEN", url: "TEAM_SERVER_URL" });
		return undefined;
	}
	const token = boundValue(reading, "TEAM_SERVER_TOKEN", teamServerUrl) || undefined;
	return { url, token, network: networkOf(reading.ambient) };
}
