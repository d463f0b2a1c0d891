import { thisMachine } from "../agents/places.ts";
import type { Step } from "./agentFiles.ts";
import type { Command } from "./command.ts";
import { say } from "./terminal.ts";

export const connect: Command = {
	name: "connect",
	summary:
		"give agents this memory: all that are installed, or those named (see agents); shows each change and asks",
	operands: { label: "[CLIENT…]", most: Number.POSITIVE_INFINITY },
	flags: [
		{
			name: "with-hooks",
			summary: "also their hooks, which tell agents what is remembered without being asked",
		},
		{ name: "dry-run", summary: "show the changes, write nothing" },
		{ name: "yes", summary: "write them without asking" },
	],
	run: async (launch, ids, { "with-hooks": withHooks, "dry-run": dryRun = false, yes = false }) => {
		// Other commands do not load what only this one needs.
		const [
			{ clients },
			{ isInstalled, planConnect },
			{ hasHooks, inspectHooks, planHooks },
			{ carryOut, clientIds, entryOf, installLauncher, namedClients, sayWhatStaysHere },
		] = await Promise.all([
			import("../agents/clients/index.ts"),
			import("../agents/connections.ts"),
			import("../agents/hooks/hookFiles.ts"),
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
		const steps = await Promise.all(
			chosen.map(async (client): Promise<readonly Step[]> => {
				const { name, remark } = client;
				const server = { client, what: name, remark, plan: () => planConnect(client, places, entry) };
				if (!hasHooks(client)) return [server];
				// What is in place already is mended, if need be. A file that is broken is told of where it is to be changed.
				const wanted =
					withHooks || (await inspectHooks(client, places, entry).catch(() => "missing")) === "stale";
				const plan = () => planHooks(client, places, entry);
				const hooks = { client, what: `${name}, hooks`, remark: client.hooks.remark, plan };
				return wanted ? [server, hooks] : [server];
			}),
		);
		if (withHooks)
			for (const { name } of chosen.filter((client) => ids.length > 0 && !hasHooks(client)))
				say(`${name} has no hooks that could tell its agents anything.`);
		const code = await carryOut(
			steps.flat(),
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
