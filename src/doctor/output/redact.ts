import { homedir, userInfo } from "node:os";

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
