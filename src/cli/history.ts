import type { HistoryEntry } from "../store/changes.ts";
import type { Command } from "./command.ts";
import { configured, withMemory } from "./context.ts";
import { iso } from "./memoryOutput.ts";
import { print, printJson } from "./terminal.ts";

const words = { ADD: "added", UPDATE: "changed", DELETE: "deleted", RESTORE: "restored" } as const;

export const history: Command = {
	name: "history",
	summary: "print what became of a memory, also of a deleted one",
	operands: { label: "ID", most: 1, missing: "history needs the id of a memory: mcp-mem0 list prints them." },
	flags: [{ name: "json", summary: "as JSON" }],
	run: (launch, [id], { json }) =>
		withMemory(configured(launch), async (memory) => {
			const entries = await memory.history(id);
			if (json) printJson({ history: entries.map((entry) => ({ ...entry, at: iso(entry.at) })) });
			else for (const entry of entries) print(asLines(entry));
			return 0;
		}),
};

function asLines({ event, oldText, newText, newFields, by, at }: HistoryEntry): string {
	const fields = newFields && Object.keys(newFields).length > 0 ? [JSON.stringify(newFields)] : [];
	const isChange = event === "UPDATE" && oldText !== undefined;
	const texts = isChange ? [`- ${oldText}`, `+ ${newText}`] : [newText ?? oldText ?? ""].filter(Boolean);
	const lines = [...texts, ...fields].map((line) => `  ${line.replaceAll("\n", "\n  ")}`);
	return [`${iso(at)}  ${words[event]}${by === undefined ? "" : ` by ${by}`}`, ...lines].join("\n");
}
