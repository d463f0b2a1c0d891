import { counted } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configured, withMemory } from "./context.ts";
import { asJson, asLine, iso } from "./memoryOutput.ts";
import { print, printJson, say } from "./terminal.ts";

/** Deleted memories that are listed. */
const most = 200;

export const restore: Command = {
	name: "restore",
	summary: "bring deleted memories back, or list them without ID",
	operands: { label: "[ID…]", most: Number.POSITIVE_INFINITY },
	flags: [{ name: "json", summary: "as JSON" }],
	run: (launch, ids, { json }) =>
		withMemory(configured(launch), async (memory) => {
			if (ids.length === 0) {
				const { memories } = await memory.deleted(most);
				const shown = memories.map(({ seq: _, deletedAt, ...rest }) => ({
					...asJson(rest),
					deletedAt: iso(deletedAt),
				}));
				if (json) printJson({ memories: shown });
				else for (const each of memories) print(asLine(each));
				say(`${counted(memories.length)} can be restored.`);
				return 0;
			}
			const restored = await memory.restoreAll(ids);
			if (json) printJson({ memories: restored.map(asJson) });
			else for (const each of restored) print(asLine(each));
			const found = new Set(restored.map(({ id }) => id));
			for (const id of ids) if (!found.has(id.trim())) say(`No deleted memory has the id ${id}.`);
			say(`Restored ${counted(restored.length)}.`);
			return found.size === new Set(ids).size ? 0 : 1;
		}),
};
