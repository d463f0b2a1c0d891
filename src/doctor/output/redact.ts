import { homedir, userInfo } from "node:os";
import { readHeaders } from "../../config/headers.ts";
import { readKey } from "../../config/keyText.ts";
import { type Environment, type Variable, variables } from "../../config/variables.ts";

/** Characters. Shorter texts occur in too many words to be removed. */
const shortest = 4;
/** Characters. Shorter values of headers are no secrets. */
const shortestHeader = 6;

/** All values of a configuration that must not be shown. */
export function secretsIn(env: Environment, ambient: Environment): string[] {
	const keys = (variables as readonly Variable[])
		.filter(({ secret }) => secret)
		.flatMap(({ name }) => [env[name], ambient[name]]);
	const headers = [env.LLM_HEADERS, env.EMBEDDING_HEADERS].flatMap((text) => {
		const read = text ? readHeaders(text, ambient) : {};
		return typeof read === "string" ? [] : Object.values(read);
	});
	const found = [
		...[...keys, env.OPENAI_API_KEY, ambient.OPENAI_API_KEY].flatMap(formsOf),
		...headers.filter((value) => value.length >= shortestHeader),
	];
	return [...new Set(found)].sort((a, b) => b.length - a.length);
}

/** A key as it is given, and as it is sent: without what pasting brought along. A placeholder is no secret. */
function formsOf(given = ""): string[] {
	const read = readKey(given);
	if (read.key === undefined && read.problem === "placeholder") return [];
	return [given.trim(), read.key ?? ""].filter((key) => key.length >= shortest);
}

export function withoutSecrets(text: string, secrets: readonly string[]): string {
	return secrets.reduce((clean, secret) => clean.replaceAll(secret, "(key)"), text);
}

/** Removes what tells who uses the machine: the home folder and the user's names. */
export function withoutPerson(text: string, userId: string | undefined): string {
	let clean = text;
	for (const home of new Set([homedir(), osUser("homedir")]))
		if (home.length > 1)
			clean = clean
				.replaceAll(home, "~")
				.replaceAll(home.replaceAll("\\", "/"), "~")
				// As in a URI.
				.replaceAll(encodeURI(home.replaceAll("\\", "/")), "~");
	for (const name of new Set([osUser("username"), userId ?? ""]))
		if (name.length > 1)
			clean = clean.replace(
				new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(name)}(?![\\p{L}\\p{N}_])`, "giu"),
				"(user)",
			);
	return clean;
}

function osUser(field: "homedir" | "username"): string {
	try {
		return userInfo()[field];
	} catch {
		// In a container, the user id may have no account.
		return "";
	}
}

function escaped(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** A copy of `value` with each text in it changed. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
	if (typeof value === "string") return change(value) as T;
	if (Array.isArray(value)) return value.map((each: unknown) => mapTexts(each, change)) as T;
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, each]: [string, unknown]) => [name, mapTexts(each, change)]),
	) as T;
}
