import { ageOf, counted } from "../../../text/wording.ts";
import { type Check, ok, warning } from "../../findings.ts";
import { advice, openSetting } from "../../fixes.ts";
import type { StorageTarget } from "./storageTarget.ts";

/** After this many times the interval, something keeps automatic backups from being made. */
const late = 3;

/** Tells the newest backup that is sound; damaged ones are named. */
export const backups: Check<StorageTarget> = {
	stage: "backups",
	title: "Backups",
	optional: true,
	applies: ({ hasDatabase }) => hasDatabase,
	run: async ({ backups: kept, config: { backups: settings } }) => {
		const { good, damaged } = await kept.newestGood();
		const make = advice("Make one: mcp-mem0 backup");
		const isOff = settings.interval === 0;
		const off = isOff ? " Automatic backups are off." : "";
		const elsewhere = settings.directory === undefined ? "" : ` ${settings.directory} is to have copies.`;
		if (!good && damaged.length === 0)
			return isOff
				? warning("There is no backup, and automatic backups are off.", "BACKUP_INTERVAL is 0.", [
						openSetting("BACKUP_INTERVAL", "Set BACKUP_INTERVAL"),
						make,
					])
				: ok("There is no backup yet. The first is made in the background.");
		const names = damaged.map(({ path }) => path).join(", ");
		if (!good)
			return warning(`All backups are damaged: ${names}.`, "The disk fails, or somebody changed them.", [
				make,
			]);
		const seen = `The newest good backup is ${good.path}, ${ageOf(good.at)}, with ${counted(good.contents?.memories ?? 0)}.${off}${elsewhere}`;
		if (damaged.length > 0)
			return warning(
				`${seen} Newer ones are damaged: ${names}.`,
				"The disk fails, or somebody changed them.",
				[make],
			);
		if (!isOff && Date.now() - good.at > late * settings.interval)
			return warning(
				seen,
				"No program with the memory has run since, or it cannot write backups; its log says why.",
				[make],
			);
		if (settings.directory !== undefined && !(await kept.hasCopy(good)))
			return warning(seen, `${settings.directory} does not have it: it cannot be written, or is away.`, [
				openSetting("BACKUP_DIR", "Choose another folder in BACKUP_DIR"),
			]);
		return ok(seen);
	},
};
