import { isVariable, type Variable, variableOf, variables } from "../config/variables.ts";

/** A variable that is a setting in VS Code: not a secret, and not only for the server. */
export type SettingVariable = Extract<(typeof variables)[number], { readonly setting: string }>["name"];

/** The values of the settings, as text; unset for a setting at its default. */
export type Values = Readonly<Partial<Record<SettingVariable, string>>>;

export const settingVariables: readonly (Variable & {
	readonly name: SettingVariable;
	readonly setting: string;
})[] = variables.filter((variable) => "setting" in variable);

export function isSettingVariable(name: string): name is SettingVariable {
	return isVariable(name) && variableOf(name).setting !== undefined;
}

/**
 * The one text for a value that can be written in several ways: trimmed, words in the table's case, numbers and headers
 * as in JSON. Undefined: unset. A value that is not valid stays as it is.
 */
export function canonical(name: SettingVariable, text: string | undefined): string | undefined {
	const given = text?.trim();
	if (!given) return undefined;
	const { type, values = {} } = variableOf(name);
	switch (type) {
		case "prefix":
			return text;
		case "enum":
			return Object.keys(values).find((value) => value.toLowerCase() === given.toLowerCase()) ?? given;
		case "integer":
		case "number":
			return Number.isFinite(Number(given)) ? String(Number(given)) : given;
		case "headers": {
			const headers = headersIn(given);
			if (!headers) return given;
			return Object.keys(headers).length === 0 ? undefined : JSON.stringify(headers);
		}
		case "url":
			return given.toLowerCase() === "default" ? "default" : given;
		default:
			return given;
	}
}

/** The headers in a JSON text, without looking up `${env:NAME}`. Undefined: the text is not valid. */
export function headersIn(text: string): Record<string, string> | undefined {
	try {
		const parsed: unknown = JSON.parse(text);
		if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
		const entries = Object.entries(parsed);
		if (entries.some(([, value]) => !["string", "number", "boolean"].includes(typeof value)))
			return undefined;
		return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
	} catch {
		return undefined;
	}
}

/** The value of a text in `settings.json`; undefined: the setting is removed. */
export function toSetting(name: SettingVariable, text: string | undefined): unknown {
	const value = canonical(name, text);
	if (value === undefined) return undefined;
	const { type } = variableOf(name);
	if (type === "headers") return headersIn(value) ?? value;
	const isNumber = (type === "integer" || type === "number") && Number.isFinite(Number(value));
	return isNumber ? Number(value) : value;
}

/** The text of a value in `settings.json`. */
export function fromSetting(name: SettingVariable, value: unknown): string | undefined {
	if (value === undefined || value === null) return undefined;
	return canonical(name, typeof value === "object" ? JSON.stringify(value) : String(value));
}
