import { clip } from "./pieces.ts";

const longest = 100;

/** What a client sent, as it is repeated in an error: on one line, short, with nothing in it that a screen obeys. */
export function quoted(value: unknown): string {
	if (Array.isArray(value)) return "a list";
	if (typeof value === "object" && value !== null) return "an object";
	if (typeof value !== "string") return String(value);
	return JSON.stringify(clip(value, longest)).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
		const code = character.codePointAt(0)?.toString(16) ?? "";
		return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
	});
}
