import { thisMachine } from "../agents/places.ts";
import type { Step } from "./agentFiles.ts";
import type { Command } from "./command.ts";

export const disconnect: Command = {
	name: "disconnect",
	summary: "take this memory out of agents' configuration: of all, or of those named",
	operands: { label: "[CLIENT…]", most: Number.POSITIVE_INFINITY },
	run: async (_, ids, { "dry-run": dryRun = false, yes = false }) => {
		const [
			{ clients },
			{ planDisconnect },
			{ hasHooks, planWithoutHooks },
			{ carryOut, isConnected, namedClients },
		] = await Promise.all([
			import("../agents/clients/index.ts"),
			import("../agents/connections.ts"),
			import("../agents/hooks/hookFiles.ts"),
			import("./agentFiles.ts"),
		]);
		const places = thisMachine();
		const chosen = ids.length > 0 ? namedClients(ids) : clients;
		const stay = clients.filter((client) => !chosen.includes(client) && hasHooks(client));
		const steps = chosen.map(async (client): Promise<readonly Step[]> => {
			const server = { client, what: client.name, plan: () => planDisconnect(client, places) };
			if (!hasHooks(client)) return [server];
			const file = client.hooks.file(places);
			const others = stay.filter(({ hooks }) => hooks?.file(places) === file);
			const shared = await Promise.all(others.map((other) => isConnected(other, places)));
			const plan = () => planWithoutHooks(client, places);
			// What went in last comes out first: both may be in the same file.
			return shared.includes(true) ? [server] : [{ client, what: `${client.name}, hooks`, plan }, server];
		});
		return carryOut(
			(await Promise.all(steps)).flat(),
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
