import { passwordsOf } from "./database.ts";
import { readHeaders } from "./headers.ts";
import { secretsOfProxies } from "./network.ts";
import { placeholderIn } from "./placeholders.ts";
import { looksLikeKey } from "./redact.ts";
import { type Environment, type Variable, variables } from "./variables.ts";

/** Headers whose values say nothing about who may use a server; many of them stand in every message. */
const publicHeader =
	/^(accept(-\w+)?|cache-control|content-type|user-agent|(http-)?referer|origin|x-title|host|openai-beta|anthropic-version|api-version)$/i;
/** Variables of the Python service that this product does not use, but that may be set. */
const databaseSecret = /^DATABASE_(URL|\w*PASSWORD\w*)$/;

/** All values of a configuration that must not be shown, in whatever variable they stand. */
export function secretsIn(env: Environment, ambient: Environment): string[] {
	const found = [env.OPENAI_API_KEY, ambient.OPENAI_API_KEY, ...[env, ambient].flatMap(secretsOfProxies)];
	for (const { name, type, secret } of variables as readonly Variable[])
		for (const value of [env[name], ambient[name]]) {
			const text = value?.trim();
			// A message names the placeholder that is to be filled in.
			if (!text || placeholderIn(text, { type: "string", secret: true }) === text) continue;
			if (secret || looksLikeKey(text)) found.push(text);
			else if (type === "url" || (type === "string" && text.includes("://")))
				found.push(...secretsOfUrl(text));
			else if (type === "headers") found.push(...secretsOfHeaderText(text, ambient));
		}
	for (const [name, value] of [...Object.entries(env), ...Object.entries(ambient)])
		if (value && databaseSecret.test(name))
			found.push(...(name === "DATABASE_URL" ? passwordsOf(value) : [value]));
	return [...new Set(found.map((text) => text?.trim() ?? "").filter((text) => text !== ""))];
}

export function secretsOfHeaders(headers: Readonly<Record<string, string>>): string[] {
	return Object.entries(headers).flatMap(([name, value]) => (publicHeader.test(name) ? [] : [value]));
}

/** Where the text is not valid, somebody has pasted something else into the variable. */
function secretsOfHeaderText(text: string, ambient: Environment): string[] {
	const read = readHeaders(text, ambient);
	if (typeof read !== "string") return secretsOfHeaders(read);
	return text.split(/[\s"'{}:,=]+/).filter((word) => word.length >= 8 && !word.startsWith("$"));
}

/** What stands before the host and after the path. A fragment of it can be the password, too. */
function secretsOfUrl(text: string): string[] {
	const [, user = ""] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)@/i.exec(text) ?? [];
	const query = /[?#](.*)$/s.exec(text)?.[1] ?? "";
	const pairs = query.split(/[&;#]/).filter((pair) => !/^api-version=/i.test(pair));
	const values = pairs.map((pair) => pair.slice(pair.indexOf("=") + 1));
	return [user.slice(user.indexOf(":") + 1), ...values].filter((value) => value.length >= 4);
}
