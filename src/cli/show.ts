import { originText } from "../memory/originText.ts";
import type { Command } from "./command.ts";
import { configured, withMemory } from "./context.ts";
import { asJson, iso } from "./memoryOutput.ts";
import { print, printJson } from "./terminal.ts";

export const show: Command = {
	name: "show",
	summary: "print a memory with all that is known of it",
	operands: { label: "ID", most: 1, missing: "show needs the id of a memory: mcp-mem0 list prints them." },
	flags: [{ name: "json", summary: "as JSON" }],
	run: (launch, [id], { json }) =>
		withMemory(configured(launch), async (memory) => {
			const found = await memory.get(id);
			const [savedText, entities] = await Promise.all([memory.savedText(id), memory.entities(id)]);
			if (json) {
				const more = { ...(savedText === undefined ? {} : { savedText }), entities };
				printJson({ memories: [{ ...asJson(found), ...more }] });
				return 0;
			}
			const { origin, metadata } = found;
			const rows: readonly (readonly [name: string, value: string | undefined])[] = [
				["id", found.id],
				["scope", found.project ? `project ${found.project.name} (${found.project.id})` : "global"],
				["author", found.visibility && found.userId],
				["visibility", found.visibility],
				["saved", iso(found.createdAt)],
				["changed", found.updatedAt > found.createdAt ? iso(found.updatedAt) : undefined],
				["pinned", found.pinned ? "yes" : undefined],
				["expires", found.expiresAt === undefined ? undefined : iso(found.expiresAt)],
				["superseded by", found.supersededBy],
				["conversation", found.conversationId],
				["origin", origin && originText(origin)],
				["names", entities.length > 0 ? entities.join(", ") : undefined],
				["metadata", metadata && JSON.stringify(metadata)],
				["saved as", savedText],
			];
			print(`${found.text}\n`);
			for (const [name, value] of rows) if (value !== undefined) print(`${`${name}:`.padEnd(15)}${value}`);
			return 0;
		}),
};
