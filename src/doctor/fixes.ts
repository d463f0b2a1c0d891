import { originsIn } from "../config/urlList.ts";
import type { VariableName } from "../config/variables.ts";
import type { EnteredVariable, Fix } from "./report.ts";

export function advice(label: string): Fix {
	return { kind: "advice", label };
}

export function openSetting(variable: VariableName, label = `Correct ${variable}`): Fix {
	return { kind: "open-setting", label, variable };
}

export function enterKey(
	variable: EnteredVariable,
	origin: string,
	label = `Enter the key for ${originsIn(origin).join(", ")}`,
): Fix {
	return { kind: "enter-key", label, variable, origin };
}

/** @param value undefined unsets the variable. */
export function setVariable(
	variable: VariableName,
	value: string | undefined,
	label = `Set ${variable} to ${value}`,
): Fix {
	return { kind: "set", label, changes: [{ variable, value }] };
}

/** Embeddings need no endpoint. */
export const useBuiltin = setVariable("EMBEDDING_PROVIDER", "builtin", "Use the built-in embedding model");
export const moreTime = openSetting("DIAGNOSTICS_TIMEOUT", "Allow more time for a check");
export const seeServerLog = advice("See the server's log");
