import { erasedInBackups, eraseInBackups } from "../memory/secrets/backupSecrets.ts";
import { listed } from "../memory/secrets/secretKinds.ts";
import type { Command } from "./command.ts";
import { configuredHere, interruptible, withMemory } from "./context.ts";
import { print, printJson, progressLine, say } from "./terminal.ts";

const places = {
	memory: "in the text",
	metadata: "in the metadata",
	history: "in the history",
	save: "in a text as it was saved",
	candidate: "in a text to review",
	query: "in a query",
} as const;

const textsOf = (count: number) => (count === 1 ? "1 text" : `${count} texts`);

export const secrets: Command = {
	name: "secrets",
	summary: "look for passwords, tokens and keys in all that is kept; exit code 1 if some are left",
	flags: [
		{ name: "erase", summary: "replace them, and erase them for good, from history and journal too" },
		{ name: "backups", summary: "with --erase: in the backups, too" },
		{ name: "json", summary: "as JSON" },
	],
	run: (launch, _, { erase, backups: inBackups, json }) =>
		withMemory(configuredHere(launch), (memory) =>
			interruptible(async (signal) => {
				const progress = progressLine();
				const kept = await memory.findSecrets((texts) => progress.show(textsOf(texts)), signal);
				progress.clear();
				const { found, texts, affected } = kept;
				const isErased = erase === true && found.length > 0;
				const isClean = isErased ? await kept.erase() : found.length === 0;
				const { files } = memory.backups;
				const { userId } = memory;
				const backups =
					erase && inBackups && files
						? await eraseInBackups({ backups: files, userId }, (text) => progress.show(text), signal)
						: undefined;
				progress.clear();
				if (json) printJson({ secrets: found, texts, erased: isErased, ...(backups ? { backups } : {}) });
				else
					for (const { memoryId, where, kinds } of found)
						print(`${memoryId ?? "(no memory)"}  ${listed(kinds)} ${places[where]}`);
				if (found.length === 0) say(`No secret in ${textsOf(texts)}.`);
				else if (!isErased)
					say(
						`${affected} of ${textsOf(texts)} ${affected === 1 ? "has" : "have"} secrets. To erase them for good: mcp-mem0 secrets --erase`,
					);
				else
					say(
						`Erased the secrets of ${textsOf(affected)}. Exports and copies of the database that were made before still have them: delete those, and change the secrets where they are used.`,
					);
				if (backups) say(erasedInBackups(backups));
				else if (isErased && (await files?.list())?.length)
					say("Backups may still have them. To erase them there too: mcp-mem0 secrets --erase --backups");
				if (isErased && !isClean)
					say(
						"Another program keeps reading the database. Close it, and run mcp-mem0 secrets --erase again.",
					);
				return isClean && !backups?.failed.length ? 0 : 1;
			}),
		),
};
