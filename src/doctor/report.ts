import * as l10n from "@vscode/l10n";
import type { EndpointRole } from "../config/endpoints.ts";
import type { VariableName } from "../config/variables.ts";
import type { ServerFamily } from "../endpoints/openai/families.ts";

/** `skipped`: an earlier finding explains it, or there is nothing to check. */
export type FindingStatus = "ok" | "warning" | "failed" | "skipped";

export type FindingRole = "configuration" | EndpointRole | "storage" | "mcp" | "agents";

/** Read when they are shown, in the window's language. */
export const roleTitles: Readonly<Record<FindingRole, string>> = {
	get configuration() {
		return l10n.t("Settings");
	},
	get chat() {
		return l10n.t("Language model");
	},
	get embedding() {
		return l10n.t("Embeddings");
	},
	get storage() {
		return l10n.t("Storage");
	},
	get mcp() {
		return l10n.t("MCP server");
	},
	get agents() {
		return l10n.t("Agents");
	},
};

/** In the order of the checks. */
export const findingRoles = Object.keys(roleTitles) as readonly FindingRole[];

/** A secret that a person enters for a server. */
export type EnteredVariable = "LLM_API_KEY" | "EMBEDDING_API_KEY" | "TEAM_SERVER_TOKEN";

/** What a person can do about a finding. `label` is the text of a button. */
export type Fix =
	/** Undefined unsets the variable. */
	| {
			readonly kind: "set";
			readonly label: string;
			readonly changes: readonly { readonly variable: VariableName; readonly value: string | undefined }[];
	  }
	| {
			readonly kind: "enter-key";
			readonly label: string;
			readonly variable: EnteredVariable;
			/** The server's that it is for. */
			readonly origin: string;
	  }
	| { readonly kind: "open-setting"; readonly label: string; readonly variable: VariableName }
	| { readonly kind: "reembed"; readonly label: string }
	/** Copies what is readable in damaged files of the database. */
	| { readonly kind: "rescue"; readonly label: string; readonly files: readonly string[] }
	/** Writes the entry of our server in an agent's configuration anew. `client`: its id. */
	| { readonly kind: "connect"; readonly label: string; readonly client: string }
	/** Shows a file of another program. `line`: from 1. */
	| { readonly kind: "open-file"; readonly label: string; readonly file: string; readonly line?: number }
	/** A setting of VS Code itself. */
	| {
			readonly kind: "host-setting";
			readonly label: string;
			readonly setting: string;
			readonly value: unknown;
	  }
	/** To be done elsewhere, such as `ollama pull nomic-embed-text`. */
	| { readonly kind: "advice"; readonly label: string };

/** What one check found. Its texts are for people, name variables (see `inSettings`), and hold no secrets. */
export interface Finding {
	/** Role and stage, as in `chat.tls`; unique in a report. */
	readonly id: string;
	readonly role: FindingRole;
	readonly status: FindingStatus;
	/** What was checked, in a few words. */
	readonly title: string;
	/** In one sentence. */
	readonly seen: string;
	/** Why it is not ok. */
	readonly cause?: string;
	/** Best first. */
	readonly fixes: readonly Fix[];
	/** The requests and answers behind it, one line each. */
	readonly evidence?: readonly string[];
	/** ms */
	readonly duration: number;
}

export interface Report {
	/** ms since 1970 */
	readonly startedAt: number;
	/** ms */
	readonly duration: number;
	/** In the order of the checks. */
	readonly findings: readonly Finding[];
	readonly families: Readonly<Partial<Record<EndpointRole, ServerFamily>>>;
	/** Base URL and model of each endpoint. */
	readonly endpoints: Readonly<
		Partial<Record<EndpointRole, { readonly url: string; readonly model: string }>>
	>;
	/** Whether the run was cancelled before its end. */
	readonly cancelled: boolean;
}

/** The worst status in a report; its overall result. */
export function worstOf(findings: readonly Pick<Finding, "status">[]): "ok" | "warning" | "failed" {
	if (findings.some(({ status }) => status === "failed")) return "failed";
	return findings.some(({ status }) => status === "warning") ? "warning" : "ok";
}
