import { readHeaders } from "./headers.ts";
import type { Provider } from "./providers.ts";
import type { ConfigNotice, ConfigProblem } from "./remarks.ts";
import { readEndpointUrl } from "./urls.ts";
import {
	type Environment,
	type Variable,
	type VariableName,
	variableOf,
	type variables,
} from "./variables.ts";

type Row<N extends VariableName> = Extract<(typeof variables)[number], { readonly name: N }>;
/** A variable with a default is never undefined. */
type Unset<N extends VariableName> = Row<N> extends { readonly default: string } ? never : undefined;
type Words<N extends VariableName> = Row<N> extends { readonly values: infer T } ? keyof T : never;

/**
 * Reads variables one by one and collects what is wrong with them. A value that is not valid reads as unset.
 * Empty values count as unset, except for keys, where they mean that the server needs none.
 */
export class VariableReader {
	readonly problems: ConfigProblem[] = [];
	readonly notices: ConfigNotice[] = [];
	readonly #env: Environment;
	readonly #ambient: Environment;

	/** @param ambient where `${env:NAME}` in headers is looked up. */
	constructor(env: Environment, ambient: Environment) {
		this.#env = env;
		this.#ambient = ambient;
	}

	text<N extends VariableName>(name: N): string | Unset<N> {
		const variable = variableOf(name);
		const given = this.#env[name]?.trim();
		const text = variable.emptyCounts ? given : given || undefined;
		const accepted = text ? mismatch(variable, text) : undefined;
		if (accepted === undefined) return (text ?? variable.default) as string | Unset<N>;
		this.#refuse(name, variable.secret ? "(secret)" : JSON.stringify(text), accepted);
		return variable.default as string | Unset<N>;
	}

	/** One of the accepted words, spelt as in the table. */
	word<N extends VariableName>(name: N): Words<N> | Unset<N> {
		const text = this.text(name)?.toLowerCase();
		return Object.keys(variableOf(name).values ?? {}).find((value) => value.toLowerCase() === text) as
			| Words<N>
			| Unset<N>;
	}

	number<N extends VariableName>(name: N): number | Unset<N> {
		const text = this.text(name);
		return (text === undefined ? undefined : Number(text)) as number | Unset<N>;
	}

	url(name: VariableName, provider: Provider): string | undefined {
		const text = this.text(name);
		if (text === undefined) return undefined;
		if (name === "EMBEDDING_BASE_URL" && text.toLowerCase() === "default") return "default";
		const read = readEndpointUrl(text, provider);
		if (typeof read === "string") {
			const shown = text.includes("@") ? "(hidden, because it may contain a password)" : JSON.stringify(text);
			this.#refuse(name, shown, read);
			return undefined;
		}
		const { url, corrections } = read;
		if (corrections.length > 0) this.notices.push({ kind: "corrected", variable: name, url, corrections });
		return url;
	}

	headers(name: VariableName): Readonly<Record<string, string>> | undefined {
		const text = this.text(name);
		const read = text === undefined ? undefined : readHeaders(text, this.#ambient);
		if (typeof read !== "string") return read;
		// Headers may contain secrets.
		this.#refuse(name, undefined, read);
		return undefined;
	}

	#refuse(variable: VariableName, value: string | undefined, accepted: string): void {
		this.problems.push({ kind: "invalid", variable, value, accepted });
	}
}

/** What the variable takes, if the text is not that; completes "it takes". */
function mismatch(variable: Variable, text: string): string | undefined {
	const { type, secret, values, minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = variable;
	if (type === "integer" || type === "number") {
		const number = Number(text);
		const fits = (type === "number" || Number.isInteger(number)) && number >= minimum && number <= maximum;
		return fits ? undefined : `a ${type === "integer" ? "whole " : ""}number from ${minimum} to ${maximum}`;
	}
	if (secret && !/^[\x21-\x7e]+$/.test(text))
		return "printable ASCII characters without spaces, which is what an HTTP header can carry";
	if (!values) return undefined;
	const words = Object.keys(values);
	const fits = words.some((word) => word.toLowerCase() === text.toLowerCase());
	return fits ? undefined : `one of ${words.join(", ")}`;
}
