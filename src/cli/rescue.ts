import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { InputError } from "../memory/errors.ts";
import { rescueFiles, unreadDamagedFiles } from "../store/stores.ts";
import type { Command } from "./command.ts";
import { configuredHere } from "./context.ts";
import { printJson, say } from "./terminal.ts";

export const rescue: Command = {
	name: "rescue",
	summary: "copy what the memory lacks from a damaged or old database: FILE, or those that were set aside",
	operands: { label: "[FILE]", most: 1 },
	flags: [{ name: "json", summary: "as JSON" }],
	run: async (launch, [given], { json }) => {
		const { config } = configuredHere(launch);
		const file = given === undefined ? undefined : resolve(given);
		if (file !== undefined && !existsSync(file)) throw new InputError("file", `There is no file ${file}.`);
		const files = file === undefined ? unreadDamagedFiles(config) : [file];
		if (files.length === 0) say("There is no damaged database that still has to be read.");
		const messages = files.length === 0 ? [] : await rescueFiles(config, files);
		for (const text of messages) say(text);
		if (json) printJson({ files, messages });
		return 0;
	},
};
