import { errorText } from "../../../memory/errorText.ts";
import { ageOf, plural } from "../../../text/wording.ts";
import { type Check, ok, warning } from "../../findings.ts";
import { advice } from "../../fixes.ts";

/** What is looked at. */
interface KeptTarget {
	/** What was away: "the database". */
	readonly keptFor: string;
	readonly inspectKept: () => Promise<{
		readonly waiting: number;
		/** ms since 1970 */
		readonly since?: number;
		/** Files of what is never sent again. */
		readonly refused?: readonly string[];
	}>;
}

/** What this machine keeps for a database, or a team's server, that was away. */
export const keptHere: Check<KeptTarget> = {
	stage: "kept",
	title: "Changes that wait on this machine",
	optional: true,
	run: async ({ inspectKept, keptFor }) => {
		const found = await inspectKept().catch((error: unknown) => errorText(error));
		if (typeof found === "string")
			return warning(found, `What waits on this machine for ${keptFor} cannot be read.`, [
				advice("Do what the message says"),
			]);
		const { waiting, since, refused = [] } = found;
		if (refused.length > 0)
			return warning(
				`${plural(refused.length, "A save was", "# saves were")} refused by ${keptFor}: ${refused.join(", ")}.`,
				"What was saved here while it was away was no save that it takes.",
				[advice("Save the text in it again, then delete the file")],
			);
		if (waiting === 0) return ok("None waits on this machine.");
		const age = since === undefined ? "" : `, the oldest from ${ageOf(since)}`;
		return warning(
			`${plural(waiting, "# change waits", "# changes wait")} on this machine for ${keptFor}${age}.`,
			"It was away, or no program with the memory has run since it is back.",
			[advice(`Mend what the findings about ${keptFor} say; then any use of the memory delivers them`)],
		);
	},
};
