import type { EndpointRole, Provider } from "./providers.ts";
import type { VariableName } from "./variables.ts";

/**
 * Why a configuration cannot be used. `value` is shown as it is, so it holds no secret; `accepted` completes "it takes".
 * What is missing can also be given by `instead`.
 */
export type ConfigProblem = Readonly<
	| { kind: "invalid"; variable: VariableName; value: string | undefined; accepted: string }
	| {
			kind: "missing";
			variable: VariableName;
			role: EndpointRole;
			provider: Provider;
			instead?: VariableName;
	  }
>;

/** Something a person should know about a configuration that can be used. */
export type ConfigNotice = Readonly<
	| { kind: "corrected"; variable: VariableName; url: string; corrections: readonly string[] }
	| { kind: "assumed"; variable: VariableName; value: string; because: string }
	| { kind: "capped"; variable: VariableName; value: number; limit: number }
	| { kind: "old-transport" }
	| { kind: "shared-key"; origin: string }
	| { kind: "unused" | "not-applicable"; variables: readonly string[] }
>;

export type ConfigRemark = ConfigProblem | ConfigNotice;

/** The configuration cannot be used; `problems` names every variable at fault. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly problems: readonly ConfigProblem[];

	/** @param message where the fault is not in a variable. */
	constructor(problems: readonly ConfigProblem[], message = problems.map(messageOf).join("\n")) {
		super(message);
		this.problems = problems;
	}
}

/** A remark as a log line or an error: the variable, what is true of it, and why. */
export function messageOf(remark: ConfigRemark): string {
	return `${statementOf(remark)}: ${wordsOf(remark).why}.`;
}

/** The first half of the message, a sentence without its full stop. */
export function statementOf(remark: ConfigRemark): string {
	const { subject, state } = wordsOf(remark);
	return `${subject} ${"variables" in remark && remark.variables.length > 1 ? "are" : "is"} ${state}`;
}

/** The second half of the message, a sentence of its own. */
export function reasonOf(remark: ConfigRemark): string {
	return sentence(wordsOf(remark).why);
}

/** A remark next to its field, which already shows the variable and its value. */
export function besideField(remark: ConfigRemark): string {
	const { state, why } = wordsOf(remark);
	return sentence(remark.kind === "invalid" || remark.kind === "missing" ? why : `${state}: ${why}`);
}

function sentence(text: string): string {
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/**
 * The only place where remarks are put into words; nothing reads the words back.
 * @returns `state` completes "is" or "are".
 */
function wordsOf(remark: ConfigRemark): Readonly<Record<"subject" | "state" | "why", string>> {
	switch (remark.kind) {
		case "invalid": {
			const { variable, value, accepted } = remark;
			const subject = value === undefined ? variable : `${variable}=${value}`;
			return { subject, state: "not valid", why: `it takes ${accepted}` };
		}
		case "missing": {
			const { variable, role, provider, instead } = remark;
			const who = `the provider ${provider}`;
			const needs = role === "chat" ? `${who} needs` : `embeddings by ${who} need`;
			const why = `${needs} ${instead ? `it, or ${instead}` : "the name of a model"}`;
			return { subject: variable, state: "missing", why };
		}
		case "corrected":
			return { subject: remark.variable, state: `read as ${remark.url}`, why: remark.corrections.join("; ") };
		case "assumed":
			return {
				subject: remark.variable,
				state: "not set",
				why: `${remark.value} is used, ${remark.because}`,
			};
		case "capped": {
			const why = "a request that takes longer is cancelled and tried again in the background";
			return { subject: `${remark.variable}=${remark.value}`, state: `capped at ${remark.limit}`, why };
		}
		case "old-transport": {
			const why = "Streamable HTTP at /mcp replaces the old SSE transport";
			return { subject: "TRANSPORT=sse", state: "read as http", why };
		}
		case "shared-key": {
			const why = "EMBEDDING_API_KEY is not set, so embeddings use the language model's key";
			return { subject: "LLM_API_KEY", state: `also sent to ${remark.origin}`, why };
		}
		case "unused": {
			const why = "the built-in model makes the embeddings. Set EMBEDDING_PROVIDER to use an endpoint";
			return { subject: remark.variables.join(", "), state: "not used", why };
		}
		case "not-applicable": {
			const why = "memories are kept in a SQLite database in MEMORY_DIR";
			return { subject: remark.variables.toSorted().join(", "), state: "not applicable", why };
		}
	}
}
