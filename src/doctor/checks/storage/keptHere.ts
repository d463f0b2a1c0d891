import { errorText } from "../../../memory/errorText.ts";
import { ageOf, plural } from "../../../text/wording.ts";
import { type Check, ok, warning } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import type { StorageTarget } from "./storageTarget.ts";

/** What this machine keeps for a database that was away. */
export const keptHere: Check<StorageTarget> = {
	stage: "kept",
	title: "Changes that wait for the database",
	optional: true,
	run: async ({ inspectKept }) => {
		const found = await inspectKept().catch((error: unknown) => errorText(error));
		if (typeof found === "string")
			return warning(found, "What waits on this machine for the database cannot be read.", [
				advice("Do what the message says"),
			]);
		const { waiting, since } = found;
		if (waiting === 0) return ok("None waits on this machine.");
		const age = since === undefined ? "" : `, the oldest from ${ageOf(since)}`;
		return warning(
			`${plural(waiting, "# change waits", "# changes wait")} on this machine for the database${age}.`,
			"The database was away, or no program with the memory has run since it is back.",
			[advice("Mend what the findings about the database say; then any use of the memory delivers them")],
		);
	},
};
