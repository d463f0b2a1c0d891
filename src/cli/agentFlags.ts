import { folderFileNames } from "../agents/instructions/folderFileNames.ts";
import type { Flag } from "./command.ts";

/** Of every command that changes agents' files. */
export const consentFlags: readonly Flag[] = [
	{ name: "dry-run", summary: "show the changes, write nothing" },
	{ name: "yes", summary: "write them without asking" },
	{ name: "json", summary: "as JSON" },
];

/** What a client can get beside the server. */
export const extraFlags = {
	hooks: {
		name: "with-hooks",
		summary: "also their hooks, which tell agents what is remembered without being asked",
	},
	instructions: {
		name: "with-instructions",
		summary:
			"also write a skill that tells when to search and save, in a file of its own, where a client reads one",
	},
	folder: {
		name: "instructions-in",
		value: "FILE,…",
		summary: `also a block in these files of the working directory: ${folderFileNames.join(", ")}`,
	},
} as const satisfies Readonly<Record<string, Flag>>;
