import type { Provider } from "./providers.ts";
import type { VariableName } from "./variables.ts";

/** Why a configuration cannot be used. */
export type ConfigProblem =
	| {
			readonly kind: "invalid";
			readonly variable: VariableName;
			/** As it may be shown; absent where no part of it may be. */
			readonly value?: string;
			/** Completes "it takes". */
			readonly accepted: string;
	  }
	| {
			readonly kind: "missing";
			readonly variable: VariableName;
			/** What needs it. */
			readonly role: "llm" | "embedding";
			readonly provider: Provider;
			/** Can be set in its place. */
			readonly instead?: VariableName;
	  };

/** Something a person should know about a configuration; it does not stop the program. */
export type ConfigNotice =
	| {
			readonly kind: "corrected";
			readonly variable: VariableName;
			readonly url: string;
			readonly corrections: readonly string[];
	  }
	| {
			readonly kind: "assumed";
			readonly variable: VariableName;
			readonly value: string;
			readonly because: string;
	  }
	| {
			readonly kind: "capped";
			readonly variable: VariableName;
			readonly value: number;
			readonly limit: number;
	  }
	| { readonly kind: "old-transport" }
	| { readonly kind: "shared-key"; readonly origin: string }
	| { readonly kind: "unused"; readonly variables: readonly VariableName[] }
	| { readonly kind: "not-applicable"; readonly variables: readonly string[] };

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
	const { subject, state, plural } = wordsOf(remark);
	return `${subject} ${plural ? "are" : "is"} ${state}`;
}

/** The second half of the message, a sentence of its own. */
export function reasonOf(remark: ConfigRemark): string {
	return sentence(wordsOf(remark).why);
}

/** A remark next to its field, which already shows the variable and its value. */
export function besideField(remark: ConfigRemark): string {
	const { state, why } = wordsOf(remark);
	return remark.kind === "invalid" || remark.kind === "missing"
		? sentence(why)
		: sentence(`${state}: ${why}`);
}

function sentence(text: string): string {
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

interface Words {
	readonly subject: string;
	readonly plural?: boolean;
	/** Completes "is" or "are". */
	readonly state: string;
	readonly why: string;
}

/** The only place where remarks are put into words. Nothing reads the words back. */
function wordsOf(remark: ConfigRemark): Words {
	switch (remark.kind) {
		case "invalid": {
			const { variable, value, accepted } = remark;
			const subject = value === undefined ? variable : `${variable}=${value}`;
			return { subject, state: "not valid", why: `it takes ${accepted}` };
		}
		case "missing": {
			const { variable, role, provider, instead } = remark;
			const needs =
				role === "llm" ? `the provider ${provider} needs` : `embeddings by the provider ${provider} need`;
			const what = instead ? `it, or ${instead}` : "the name of a model";
			return { subject: variable, state: "missing", why: `${needs} ${what}` };
		}
		case "corrected":
			return {
				subject: remark.variable,
				state: `read as ${remark.url}`,
				why: remark.corrections.join("; "),
			};
		case "assumed":
			return {
				subject: remark.variable,
				state: "not set",
				why: `${remark.value} is used, ${remark.because}`,
			};
		case "capped":
			return {
				subject: `${remark.variable}=${remark.value}`,
				state: `capped at ${remark.limit}`,
				why: "a request that takes longer is cancelled and tried again in the background",
			};
		case "old-transport":
			return {
				subject: "TRANSPORT=sse",
				state: "read as http",
				why: "Streamable HTTP at /mcp replaces the old SSE transport",
			};
		case "shared-key":
			return {
				subject: "LLM_API_KEY",
				state: `also sent to ${remark.origin}`,
				why: "EMBEDDING_API_KEY is not set, so embeddings use the language model's key",
			};
		case "unused":
			return {
				...listed(remark.variables),
				state: "not used",
				why: "the built-in model makes the embeddings. Set EMBEDDING_PROVIDER to use an endpoint",
			};
		case "not-applicable":
			return {
				...listed(remark.variables),
				state: "not applicable",
				why: "memories are kept in a SQLite database in MEMORY_DIR",
			};
	}
}

function listed(names: readonly string[]): Pick<Words, "subject" | "plural"> {
	return { subject: names.toSorted().join(", "), plural: names.length > 1 };
}
