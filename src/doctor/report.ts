import type { EndpointRole } from "../config/endpoints.ts";
import type { VariableName } from "../config/variables.ts";

/** `skipped`: an earlier finding explains it, or there is nothing to check. */
export type FindingStatus = "ok" | "warning" | "failed" | "skipped";

export type FindingRole = "configuration" | EndpointRole | "storage" | "mcp";

/** Server software, told apart by its host, its answers and its words. */
export type ServerFamily =
	| "openai"
	| "azure"
	| "openrouter"
	| "vllm"
	| "lmstudio"
	| "ollama"
	| "llamacpp"
	| "litellm"
	| "tei"
	| "localai"
	| "unknown";

/** Something a person can do about a finding. `label` is what a button says. */
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
			readonly variable: "LLM_API_KEY" | "EMBEDDING_API_KEY";
			/** Of the endpoint the key is for. */
			readonly origin: string;
	  }
	| { readonly kind: "open-setting"; readonly label: string; readonly variable: VariableName }
	| { readonly kind: "reembed"; readonly label: string }
	/** Something to do elsewhere, such as `ollama pull nomic-embed-text`. */
	| { readonly kind: "advice"; readonly label: string };

/** What one check found. Texts are for people, name variables (see `inSettings`), and hold no secret. */
export interface Finding {
	/** Role and stage, as `chat.tls`; once in a report. */
	readonly id: string;
	readonly role: FindingRole;
	readonly status: FindingStatus;
	/** What was checked, in a few words. */
	readonly title: string;
	/** What was seen, in one sentence. */
	readonly seen: string;
	/** Why, where it is not ok. */
	readonly cause?: string;
	/** Best first. */
	readonly fixes: readonly Fix[];
	/** Requests and answers behind it, a line each. */
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
	readonly families: { readonly chat?: ServerFamily; readonly embedding?: ServerFamily };
	/** Base URL and model of each role that has an endpoint. */
	readonly endpoints: {
		readonly chat?: { readonly url: string; readonly model: string };
		readonly embedding?: { readonly url: string; readonly model: string };
	};
	/** Whether it was called off before its end. */
	readonly cancelled: boolean;
}

/** The worst of a report: what it is as a whole. */
export function worstOf(findings: readonly Pick<Finding, "status">[]): "ok" | "warning" | "failed" {
	if (findings.some(({ status }) => status === "failed")) return "failed";
	return findings.some(({ status }) => status === "warning") ? "warning" : "ok";
}
