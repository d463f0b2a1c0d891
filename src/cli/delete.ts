import { counted } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configured, withMemory } from "./context.ts";
import { asJson, asLine } from "./memoryOutput.ts";
import { print, printJson, say } from "./terminal.ts";

export const deleteMemories: Command = {
	name: "delete",
	summary: "delete memories; for 30 days, restore brings them back",
	operands: {
		label: "ID…",
		most: Number.POSITIVE_INFINITY,
		missing: "delete needs the id of a memory: mcp-mem0 list prints them.",
	},
	flags: [{ name: "json", summary: "as JSON" }],
	run: (launch, ids, { json }) => {
		const context = configured(launch);
		return withMemory(context, async (memory) => {
			const deleted = await memory.deleteAll(ids);
			if (json) printJson({ memories: deleted.map(asJson) });
			else for (const each of deleted) print(asLine(each));
			const waited = deleted.filter(({ keptHere }) => keptHere).length;
			// Of what a team's server never had, nothing is left that could come back.
			const lost = context.config.teamServer ? waited : 0;
			if (lost > 0) say(`${counted(lost)} had not reached the team's server, and cannot be restored.`);
			else if (waited > 0) say("Deleted; the team's memory is away, and follows by itself when it is back.");
			const found = new Set(deleted.map(({ id }) => id));
			for (const id of ids) if (!found.has(id.trim())) say(`No memory has the id ${id}.`);
			say(`Deleted ${counted(deleted.length)}.${deleted.length > lost ? " Undo: mcp-mem0 restore ID…" : ""}`);
			return found.size === new Set(ids).size ? 0 : 1;
		});
	},
};
