import { listed } from "../memory/secrets/secretKinds.ts";
import type { Command } from "./command.ts";
import { configured, interruptible, withMemory } from "./context.ts";
import { print, printJson, progressLine, say } from "./terminal.ts";

const places = {
	memory: "in the text",
	metadata: "in the metadata",
	history: "in the history",
	save: "in a text as it was saved",
	candidate: "in a text to review",
	query: "in a query",
} as const;

export const secrets: Command = {
	name: "secrets",
	summary: "look for passwords, tokens and keys in all that is kept; exit code 1 if some are left",
	flags: [
		{ name: "erase", summary: "replace them, and erase them for good, from history and journal too" },
		{ name: "json", summary: "as JSON" },
	],
	run: (launch, _, { erase, json }) =>
		withMemory(configured(launch), (memory) =>
			interruptible(async (signal) => {
				const progress = progressLine();
				const kept = await memory.findSecrets((texts) => progress.show(`${texts} texts`), signal);
				progress.clear();
				const { found, texts, affected } = kept;
				const isErased = erase === true && found.length > 0;
				const isClean = isErased ? await kept.erase() : found.length === 0;
				if (json) printJson({ secrets: found, texts, erased: isErased });
				else
					for (const { memoryId, where, kinds } of found)
						print(`${memoryId ?? "(no memory)"}  ${listed(kinds)} ${places[where]}`);
				if (found.length === 0) say(`No secret in ${texts} texts.`);
				else if (!isErased)
					say(`${affected} of ${texts} texts have secrets. To erase them for good: mcp-mem0 secrets --erase`);
				else
					say(
						`Erased the secrets of ${affected} texts. Exports and copies of the database that were made before still have them: delete those, and change the secrets where they are used.`,
					);
				if (isErased && !isClean)
					say(
						"Another program keeps reading the database. Close it, and run mcp-mem0 secrets --erase again.",
					);
				return isClean ? 0 : 1;
			}),
		),
};
