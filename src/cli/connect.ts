import { thisMachine } from "../agents/places.ts";
import { consentFlags, extraFlags } from "./agentFlags.ts";
import type { Command } from "./command.ts";
import { printJson, say } from "./terminal.ts";

export const connect: Command = {
	name: "connect",
	summary:
		"give agents this memory: all that are installed, or those named (see agents); shows each change and asks",
	operands: { label: "[CLIENT…]", most: Number.POSITIVE_INFINITY },
	flags: [extraFlags.hooks, extraFlags.instructions, extraFlags.folder, ...consentFlags],
	run: async (launch, ids, flags) => {
		// Other commands do not load what only this one needs.
		const [{ clients }, { isInstalled }, { connectSteps }, files] = await Promise.all([
			import("../agents/clients/index.ts"),
			import("../agents/connections.ts"),
			import("../agents/steps.ts"),
			import("./agentFiles.ts"),
		]);
		const places = thisMachine();
		const installed = clients.filter((client) => !client.onlyWhenNamed && isInstalled(client, places));
		const folderFiles = files.namedFolderFiles(flags[extraFlags.folder.name]);
		const chosen = ids.length > 0 ? files.namedClients(ids) : installed;
		if (chosen.length === 0 && folderFiles.length === 0) {
			say(`No client was found. Name one to connect it all the same: ${files.clientIds}.`);
			if (flags.json) printJson({ changes: [] });
			return 1;
		}
		const hooks = flags[extraFlags.hooks.name] === true;
		if (hooks)
			for (const { name } of chosen.filter((client) => ids.length > 0 && !client.hooks))
				say(`${name} has no hooks that could tell its agents anything.`);
		const instructions = flags[extraFlags.instructions.name] === true;
		const given = { entry: await files.entryOf(launch, places), texts: await files.agentTexts(launch) };
		const code = await files.carryOut(
			await connectSteps({ clients: chosen, hooks, instructions, folderFiles }, places, given),
			files.consentOf(flags),
			{
				unchanged: "connected already",
				nothing: "Nothing to connect.",
				done: "connected",
				after: "Restart the agents, or begin a new session, to use the memory.",
				question: "Connect",
			},
			() => files.installLauncher(launch),
		);
		files.sayWhatStaysHere(launch);
		return code;
	},
};
