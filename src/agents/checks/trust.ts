import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { parse } from "jsonc-parser";
import { ok, warning } from "../../doctor/findings.ts";
import { advice } from "../../doctor/fixes.ts";
import { readConfigFile } from "../configFile.ts";
import { isEntry } from "../edit/format.ts";
import { copilotFolder } from "../places.ts";
import type { ConnectionCheck } from "./connection.ts";

/** Whether Copilot, where it is installed, may read the folder's own file. */
export const trust: ConnectionCheck = {
	stage: "trust",
	title: "trusted folder",
	optional: true,
	applies: ({ client, places }) => client.id === "workspace" && existsSync(copilotFolder(places)),
	run: async ({ places, file }) => {
		const { text = "" } = await readConfigFile(join(copilotFolder(places), "config.json"));
		const values: unknown = parse(text, [], { allowTrailingComma: true });
		const trusted = isEntry(values) && Array.isArray(values.trustedFolders) ? values.trustedFolders : [];
		const isTrusted = trusted.some((folder) => typeof folder === "string" && contains(folder, places.cwd));
		if (isTrusted) return ok("Copilot trusts this folder.");
		return warning(
			`Copilot does not read ${file}: it does not trust the folder.`,
			"It asks when it is first started there.",
			[advice("Start Copilot CLI in the folder and trust it")],
		);
	},
};

function contains(folder: string, inner: string): boolean {
	const way = relative(folder, inner);
	return way === "" || !/^(\.\.|[a-z]:|\/)/i.test(way);
}
