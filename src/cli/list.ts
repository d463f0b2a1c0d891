import { counted } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configured, projectOf, withMemory } from "./context.ts";
import { asJson, asLine, numberIfAny } from "./memoryOutput.ts";
import { print, printJson, say } from "./terminal.ts";

export const list: Command = {
	name: "list",
	summary: "print memories, the newest first",
	flags: [
		{ name: "limit", value: "N", summary: "at most N of them, 1 to 200 (50)" },
		{
			name: "scope",
			value: "SCOPE",
			summary: "global, project or all (global and the project of this folder)",
		},
		{ name: "order", value: "ORDER", summary: "newest, oldest, mostUsed or unused (newest)" },
		{ name: "author", value: "NAME", summary: "in a team: only what this user has written" },
		{ name: "cursor", value: "CURSOR", summary: "go on where the list before ended" },
		{ name: "json", summary: "as JSON" },
	],
	run: (launch, _, { limit, scope, order, author, cursor, json }) =>
		withMemory(configured(launch), async (memory) => {
			const project = await projectOf(process.cwd());
			const request = { limit: numberIfAny(limit), scope, order, author, cursor, project };
			const { memories, total, nextCursor, note } = await memory.list(request);
			const more = { ...(nextCursor ? { nextCursor } : {}), ...(note ? { note } : {}) };
			if (json) printJson({ memories: memories.map(asJson), total, ...more });
			else {
				for (const each of memories) print(asLine(each));
				const next = nextCursor ? ` More: --cursor ${nextCursor}` : "";
				if (note) say(note);
				if (total === 0 && !note)
					say('Nothing is remembered here yet: mcp-mem0 save "We deploy on Thursdays".');
				else say(`${memories.length} of ${counted(total)}.${next}`);
			}
			return 0;
		}),
};
