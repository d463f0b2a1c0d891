import { thisMachine } from "../agents/places.ts";
import type { Command } from "./command.ts";
import { say } from "./terminal.ts";

export const connect: Command = {
	name: "connect",
	summary:
		"give agents this memory: all that are installed, or those named (see agents); shows each change and asks",
	operands: { label: "[CLIENT…]", most: Number.POSITIVE_INFINITY },
	flags: [
		{ name: "dry-run", summary: "show the changes, write nothing" },
		{ name: "yes", summary: "write them without asking" },
	],
	run: async (launch, ids, { "dry-run": dryRun = false, yes = false }) => {
		// Other commands do not load what only this one needs.
		const [
			{ clients },
			{ isInstalled, planConnect },
			{ carryOut, clientIds, entryOf, installLauncher, namedClients, sayWhatStaysHere },
		] = await Promise.all([
			import("../agents/clients/index.ts"),
			import("../agents/connections.ts"),
			import("./agentFiles.ts"),
		]);
		const places = thisMachine();
		const installed = clients.filter((client) => !client.onlyWhenNamed && isInstalled(client, places));
		const chosen = ids.length > 0 ? namedClients(ids) : installed;
		if (chosen.length === 0) {
			say(`No client was found. Name one to connect it all the same: ${clientIds}.`);
			return 1;
		}
		const entry = await entryOf(launch, places);
		const code = await carryOut(
			chosen,
			(client) => planConnect(client, places, entry),
			{ yes: yes === true, dryRun: dryRun === true },
			{
				unchanged: "connected already",
				nothing: "Nothing to connect.",
				done: "connected; restart it to see the memory",
				question: "Connect",
			},
			() => installLauncher(launch),
		);
		sayWhatStaysHere(launch);
		return code;
	},
};
