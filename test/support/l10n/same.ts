import type { Translation } from "./strings.ts";

/** What a language calls as English does, beside names. */
export const sameIn: Readonly<Record<Translation, readonly string[]>> = {
	de: [
		"Agents",
		"Client",
		"Global",
		"Hooks",
		"Team",
		"Token",
		"Variable",
		"global",
		"in WSL",
		"settings.database",
		"{0} (in settings.json: {1})",
		"{0} in {1}",
	],
	"zh-cn": ["Ctrl"],
};
