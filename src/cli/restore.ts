import { InputError } from "../memory/errors.ts";
import { counted } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configured, withMemory } from "./context.ts";
import { asJson, asLine, iso } from "./memoryOutput.ts";
import { print, printJson, say } from "./terminal.ts";

/** Deleted memories that are listed. */
const most = 200;

export const restore: Command = {
	name: "restore",
	summary:
		"go back to a backup, with a backup of the present state first; or bring deleted memories back: ID…, or list them",
	operands: { label: "[FILE|DATE|latest|ID…]", most: Number.POSITIVE_INFINITY },
	flags: [
		{ name: "dry-run", summary: "only tell what would change" },
		{ name: "yes", summary: "restore the backup without asking" },
		{ name: "json", summary: "as JSON" },
	],
	run: async (launch, ids, flags) => {
		const { json } = flags;
		const [first = ""] = ids;
		const { namesBackup } = await import("../memory/backups/backupMeant.ts");
		if (namesBackup(first)) {
			if (ids.length > 1) throw new InputError("command line", "restore takes one backup.");
			return (await import("./restoreBackup.ts")).restoreBackup(launch, first, flags);
		}
		return withMemory(configured(launch), async (memory) => {
			if (ids.length === 0) {
				const { memories, onlyHere } = await memory.deleted(most);
				const shown = memories.map(({ seq: _, deletedAt, ...rest }) => ({
					...asJson(rest),
					deletedAt: iso(deletedAt),
				}));
				if (json) printJson({ memories: shown });
				else for (const each of memories) print(asLine(each));
				if (onlyHere !== undefined)
					say(`What was deleted from the team's memory cannot be read now. ${onlyHere}`);
				else say(`${counted(memories.length)} can be restored.`);
				return onlyHere === undefined ? 0 : 1;
			}
			const restored = await memory.restoreAll(ids);
			if (json) printJson({ memories: restored.map(asJson) });
			else for (const each of restored) print(asLine(each));
			const found = new Set(restored.map(({ id }) => id));
			for (const id of ids) if (!found.has(id.trim())) say(`No deleted memory has the id ${id}.`);
			say(`Restored ${counted(restored.length)}.`);
			return found.size === new Set(ids).size ? 0 : 1;
		});
	},
};
