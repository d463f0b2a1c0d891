import type { ExaminedBackup } from "../store/backups.ts";
import { configuredBackups } from "../store/stores.ts";
import { ageOf, counted, plural } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configuredHere } from "./context.ts";
import { listLogicalBackups, makeLogicalBackup } from "./logicalBackups.ts";
import { iso } from "./memoryOutput.ts";
import { print, printJson, say } from "./terminal.ts";

const why = {
	daily: "automatic",
	asked: "asked for",
	update: "before an update of the database",
	import: "before an import",
	change: "before a change of many memories",
	restore: "before a restore",
} as const;

export const backup: Command = {
	name: "backup",
	summary: "make a backup now, and verify it",
	flags: [{ name: "json", summary: "as JSON" }],
	run: async (launch, _, { json }) => {
		const context = configuredHere(launch);
		if (context.config.database) return makeLogicalBackup(context, json === true);
		const backups = configuredBackups(context.config);
		let isWhole = true;
		const made = await backups.create("asked", (remark) => {
			isWhole = false;
			say(remark);
		});
		if (!made) {
			say("There is no memory yet, so there is nothing to back up.");
			if (json) printJson({ backup: null });
			return 1;
		}
		const examined = await backups.examine(made);
		if (json) printJson({ backup: asRecord(examined) });
		else print(made.path);
		say(`Backed up ${counted(examined.contents?.memories ?? 0)}, ${sizeOf(made.bytes)}; verified.`);
		return isWhole ? 0 : 1;
	},
};

export const backups: Command = {
	name: "backups",
	summary: "list the backups, newest first; each is read through; exit code 1 if one is damaged",
	flags: [{ name: "json", summary: "as JSON" }],
	run: async (launch, _, { json }) => {
		const { config } = configuredHere(launch);
		if (config.database) return listLogicalBackups(config, json === true);
		const kept = configuredBackups(config);
		const examined: ExaminedBackup[] = [];
		for (const file of await kept.list()) {
			const each = await kept.examine(file);
			examined.push(each);
			if (!json) print(asLine(each));
		}
		if (json) printJson({ backups: examined.map(asRecord) });
		const damaged = examined.filter(({ contents }) => !contents).length;
		say(
			examined.length === 0
				? `There are no backups in ${kept.folder}. To make one: mcp-mem0 backup`
				: `${plural(examined.length, "# backup", "# backups")}${damaged > 0 ? `, ${damaged} damaged` : ""}. To go back to one: mcp-mem0 restore latest, a date, or a file`,
		);
		return damaged > 0 ? 1 : 0;
	},
};

function asLine({ path, at, bytes, reason, contents, damage }: ExaminedBackup): string {
	const state = contents ? counted(contents.memories) : `DAMAGED: ${damage ?? "it cannot be read"}`;
	return `${path}  ${state}, ${sizeOf(bytes)}  (${ageOf(at)}, ${why[reason]})`;
}

/** A backup as `--json` shows it. */
export function asRecord({ path, at, bytes, reason, contents, damage }: ExaminedBackup) {
	return {
		file: path,
		at: iso(at),
		reason,
		bytes,
		...(contents ? { memories: contents.memories, schema: contents.schema } : { damage }),
	};
}

function sizeOf(bytes: number): string {
	return bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
