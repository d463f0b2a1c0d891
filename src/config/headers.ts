import * as l10n from "@vscode/l10n";
import type { Environment } from "./variables.ts";

const example = '{"X-Team": "blue", "X-Token": "${env:TEAM_TOKEN}"}';
const accepted = () => l10n.t`a JSON object of texts such as ${example}`;

/** The connection sets these itself; a request that sets them fails. */
const setByConnection =
	/^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/**
 * Extra request headers. Values may be secret, so no message shows them.
 * @returns what is accepted instead, to complete "it takes", where the text cannot be used.
 */
export function readHeaders(text: string, ambient: Environment): Record<string, string> | string {
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		return accepted();
	}
	if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return accepted();
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(parsed)) {
		const shown = JSON.stringify(name);
		if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
			return l10n.t`${accepted()}; ${shown} cannot be the name of a header`;
		if (setByConnection.test(name)) return l10n.t`${accepted()}; ${shown} is set by the connection itself`;
		if (!["string", "number", "boolean"].includes(typeof value))
			return l10n.t`${accepted()}; the value of ${shown} is not a text`;
		const missing: string[] = [];
		headers[name] = String(value).replace(/\$\{env:([^}]+)\}/g, (_, variable: string) => {
			const found = Object.hasOwn(ambient, variable) ? ambient[variable] : undefined;
			if (found === undefined) missing.push(variable);
			return found ?? "";
		});
		if (missing.length > 0)
			return l10n.t`${accepted()}; ${shown} uses the environment variable ${missing.join(", ")}, which is not set`;
		if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(headers[name]))
			return l10n.t`${accepted()}; the value of ${shown} contains characters that a header cannot carry`;
	}
	return headers;
}
