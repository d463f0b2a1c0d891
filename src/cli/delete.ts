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
	run: (launch, ids, { json }) =>
		withMemory(configured(launch), async (memory) => {
			const deleted = await memory.deleteAll(ids);
			if (json) printJson({ memories: deleted.map(asJson) });
			else for (const each of deleted) print(asLine(each));
			if (deleted.some(({ keptHere }) => keptHere))
				say("Deleted; the team's database is away, and follows by itself when it is back.");
			const found = new Set(deleted.map(({ id }) => id));
			for (const id of ids) if (!found.has(id.trim())) say(`No memory has the id ${id}.`);
			say(`Deleted ${counted(deleted.length)}.${deleted.length > 0 ? " Undo: mcp-mem0 restore ID…" : ""}`);
			return found.size === new Set(ids).size ? 0 : 1;
		}),
};
