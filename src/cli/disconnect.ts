import { thisMachine } from "../agents/places.ts";
import type { Command } from "./command.ts";

export const disconnect: Command = {
	name: "disconnect",
	summary: "take this memory out of agents' configuration: of all, or of those named",
	operands: { label: "[CLIENT…]", most: Number.POSITIVE_INFINITY },
	run: async (_, ids, { "dry-run": dryRun = false, yes = false }) => {
		const [{ clients }, { planDisconnect }, { carryOut, namedClients }] = await Promise.all([
			import("../agents/clients/index.ts"),
			import("../agents/connections.ts"),
			import("./agentFiles.ts"),
		]);
		const places = thisMachine();
		return carryOut(
			ids.length > 0 ? namedClients(ids) : clients,
			(client) => planDisconnect(client, places),
			{ yes: yes === true, dryRun: dryRun === true },
			{
				unchanged: ids.length > 0 ? "not connected" : undefined,
				nothing: "No client is connected.",
				done: "disconnected",
				question: "Disconnect",
			},
		);
	},
	flags: [
		{ name: "dry-run", summary: "show the changes, write nothing" },
		{ name: "yes", summary: "write them without asking" },
	],
};
