import * as l10n from "@vscode/l10n";
import type { EndpointRole, Provider } from "./providers.ts";
import type { VariableName } from "./variables.ts";

/**
 * Why a configuration cannot be used. `value` is shown as it is, so it holds no secret; `accepted` completes "it takes".
 * What is missing can also be given by `instead`.
 */
export type ConfigProblem = Readonly<
	/** `meant`: the value that was probably meant. */
	| { kind: "invalid"; variable: VariableName; value: string | undefined; accepted: string; meant?: string }
	/** `placeholder`: empty where it is not shown. */
	| { kind: "placeholder"; variable: VariableName; placeholder: string }
	| { kind: "path"; variable: VariableName; value: string; why: string }
	/** A default that would be used although something else seems to be meant. */
	| { kind: "in-doubt"; variable: VariableName; written: string; place: string }
	/** Two variables that each say where the memory is. */
	| { kind: "two-places"; variable: VariableName; other: "DATABASE_URL" | "TRANSPORT" }
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
	| {
			kind: "corrected";
			variable: VariableName;
			value: string;
			url: string;
			corrections: readonly string[];
	  }
	| { kind: "mended"; variable: VariableName; removed: readonly string[] }
	| { kind: "assumed"; variable: VariableName; value: string; because: string }
	/** The URL in another variable names the model's deployment. */
	| { kind: "overridden"; variable: VariableName; deployment: string; url: VariableName }
	| { kind: "capped"; variable: VariableName; value: number; limit: number }
	| { kind: "old-transport" }
	/** A token of a server that nothing names. */
	| { kind: "no-server"; variable: VariableName; url: VariableName }
	/** A key, or headers, of one source, and the host that only another one names. */
	| { kind: "withheld"; variable: VariableName; source: string; origin: string; urlSource: string }
	| { kind: "not-shared"; origin: string; keyOrigin: string }
	| { kind: "not-read"; written: string | undefined; meant: VariableName | undefined; place: string }
	| { kind: "stray-file"; path: string }
	| { kind: "unused" | "not-applicable"; variables: readonly string[] }
>;

/** The source that the process environment is. */
export const environmentName = "the environment";

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
	return l10n.t`${statementOf(remark)}: ${wordsOf(remark).why}.`;
}

/** The first half of the message, a sentence without its full stop. */
export function statementOf(remark: ConfigRemark): string {
	const { subject, state } = wordsOf(remark);
	const several = "variables" in remark && remark.variables.length > 1;
	return several ? l10n.t`${subject} are ${state}` : l10n.t`${subject} is ${state}`;
}

/** The second half of the message, a sentence of its own. */
export function reasonOf(remark: ConfigRemark): string {
	return sentence(wordsOf(remark).why);
}

/** A remark next to its field, which already shows the variable and its value. */
export function besideField(remark: ConfigRemark): string {
	const { state, why } = wordsOf(remark);
	return sentence(remark.kind === "invalid" || remark.kind === "missing" ? why : l10n.t`${state}: ${why}`);
}

function sentence(text: string): string {
	return l10n.t`${capital(text)}.`;
}

function capital(text: string): string {
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Why something that is meant for a variable is not read. */
function meaning(variable: VariableName, written: string | undefined): string {
	// python-dotenv reads such a line, unless it is part of something else.
	const wellFormed = written?.replace(/\s/g, "") === `${variable}=`;
	return wellFormed
		? l10n.t("a quotation mark in this line, or before it, is not closed")
		: l10n.t("the variable is {0}, written {0}=value", variable);
}

/** A name somebody else made up: on one line, and not long. */
function shown(name: string): string {
	return name.replace(/[^\x20-\x7e]/g, "?").slice(0, 60);
}

/**
 * The only place where remarks are put into words; nothing reads the words back.
 * @returns `state` completes "is" or "are".
 */
function wordsOf(remark: ConfigRemark): Readonly<Record<"subject" | "state" | "why", string>> {
	switch (remark.kind) {
		case "invalid": {
			const { variable, value, accepted, meant } = remark;
			const subject = value === undefined ? variable : `${variable}=${value}`;
			const why = meant
				? l10n.t`it takes ${accepted}. Perhaps you mean ${meant}`
				: l10n.t`it takes ${accepted}`;
			return { subject, state: l10n.t("not valid"), why };
		}
		case "placeholder": {
			const { variable, placeholder } = remark;
			const why = placeholder
				? l10n.t`nobody filled in ${shown(placeholder)}. Put the real value in its place, or leave ${variable} unset`
				: l10n.t`nobody filled it in. Put the real value in its place, or leave ${variable} unset`;
			return { subject: variable, state: l10n.t("a placeholder"), why };
		}
		case "path": {
			const { variable, value, why } = remark;
			return {
				subject: `${variable}=${JSON.stringify(value)}`,
				state: l10n.t("not a path that can be used"),
				why,
			};
		}
		case "in-doubt": {
			const { variable, written, place } = remark;
			const why = l10n.t`${meaning(variable, written)}. Until ${variable} is set, or this is removed, nothing is sent to a default host`;
			return { subject: l10n.t`${shown(written)} in ${place}`, state: l10n.t("not read"), why };
		}
		case "two-places": {
			const { variable, other } = remark;
			const why =
				other === "TRANSPORT"
					? l10n.t`TRANSPORT=http serves a memory from its own database. Leave out ${variable}, or TRANSPORT`
					: l10n.t`the memory is in one place. Leave out ${variable}, or ${other}`;
			return { subject: l10n.t`${variable} beside ${other}`, state: l10n.t("not valid"), why };
		}
		case "missing": {
			const { variable, role, provider, instead } = remark;
			const what = instead ? l10n.t`it, or ${instead}` : l10n.t("the name of a model");
			const why =
				role === "chat"
					? l10n.t`the provider ${provider} needs ${what}`
					: l10n.t`embeddings by the provider ${provider} need ${what}`;
			return { subject: variable, state: l10n.t("missing"), why };
		}
		case "corrected": {
			const { variable, value, url, corrections } = remark;
			return { subject: `${variable}=${value}`, state: l10n.t`read as ${url}`, why: corrections.join("; ") };
		}
		case "assumed":
			return {
				subject: remark.variable,
				state: l10n.t("not set"),
				why: l10n.t`${remark.value} is used, ${remark.because}`,
			};
		case "overridden": {
			const { variable, deployment, url } = remark;
			return {
				subject: variable,
				state: l10n.t("not used"),
				why: l10n.t`${url} names the deployment ${shown(deployment)}`,
			};
		}
		case "capped": {
			const why = l10n.t("a request that takes longer is cancelled and tried again in the background");
			return { subject: `${remark.variable}=${remark.value}`, state: l10n.t`capped at ${remark.limit}`, why };
		}
		case "old-transport": {
			const why = "Streamable HTTP at /mcp replaces the old SSE transport";
			return { subject: "TRANSPORT=sse", state: "read as http", why };
		}
		case "no-server": {
			const { variable, url } = remark;
			return { subject: variable, state: l10n.t("not used"), why: l10n.t`${url}, its server, is not set` };
		}
		case "mended": {
			const { variable, removed } = remark;
			const why = l10n.t`what pasting brought along was left out (${removed.join(", ")})`;
			return { subject: variable, state: l10n.t("mended"), why };
		}
		case "withheld": {
			const { variable, source, origin, urlSource } = remark;
			const why = `${urlSource} names that host. To use it there, set ${variable} in ${urlSource} too${
				urlSource === environmentName ? "" : ` (${variable}=\${${variable}} takes it from the environment)`
			}`;
			return { subject: `${variable} of ${source}`, state: `not sent to ${origin}`, why };
		}
		case "not-shared": {
			const why = l10n.t`it was given for ${remark.keyOrigin}. If the server needs a key, set EMBEDDING_API_KEY`;
			return { subject: "LLM_API_KEY", state: l10n.t`not sent to ${remark.origin}`, why };
		}
		case "not-read": {
			const { written, meant, place } = remark;
			const subject = written ? l10n.t`${shown(written)} in ${place}` : capital(place);
			const why = meant ? meaning(meant, written) : l10n.t("a line has the form NAME=value");
			return { subject, state: l10n.t("not read"), why };
		}
		case "stray-file": {
			const why = "a folder does not configure the server. To read it, start with --env .env";
			return { subject: remark.path, state: "not read", why };
		}
		case "unused": {
			const why = l10n.t(
				"the built-in model makes the embeddings. Set EMBEDDING_PROVIDER to use an endpoint",
			);
			return { subject: remark.variables.join(", "), state: l10n.t("not used"), why };
		}
		case "not-applicable": {
			const why = l10n.t(
				"DATABASE_POOL_SIZE is the most connections, and pauses between attempts are chosen by themselves",
			);
			return { subject: remark.variables.toSorted().join(", "), state: l10n.t("not applicable"), why };
		}
	}
}
