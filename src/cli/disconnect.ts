import { folderFileNames } from "../agents/instructions/folderFileNames.ts";
import { thisMachine } from "../agents/places.ts";
import { consentFlags, extraFlags } from "./agentFlags.ts";
import type { Command } from "./command.ts";

export const disconnect: Command = {
	name: "disconnect",
	summary: "take this memory out of agents' files: of all, and of the working directory, or of those named",
	operands: { label: "[CLIENT…]", most: Number.POSITIVE_INFINITY },
	flags: [extraFlags.folder, ...consentFlags],
	run: async (_, ids, flags) => {
		const [{ clients }, { disconnectSteps }, files] = await Promise.all([
			import("../agents/clients/index.ts"),
			import("../agents/steps.ts"),
			import("./agentFiles.ts"),
		]);
		const named = files.namedFolderFiles(flags[extraFlags.folder.name]);
		const all = ids.length === 0 && named.length === 0;
		return files.carryOut(
			all
				? await disconnectSteps(clients, thisMachine(), folderFileNames)
				: await disconnectSteps(files.namedClients(ids), thisMachine(), named),
			files.consentOf(flags),
			{
				unchanged: all ? undefined : "not connected",
				nothing: "No client is connected.",
				done: "disconnected",
				question: "Disconnect",
			},
		);
	},
};
