import type { Client } from "../agents/client.ts";
import type { ConnectionState } from "../agents/connections.ts";
import type { HooksState } from "../agents/hooks/hookFiles.ts";
import { thisMachine } from "../agents/places.ts";
import { tryReadConfig } from "../config/config.ts";
import type { Command } from "./command.ts";
import { print, printJson } from "./terminal.ts";

const hookWords: Readonly<Record<HooksState, string>> = {
	"in place": ", with hooks",
	stale: ", with hooks of other settings, or of another installation; mend them with: mcp-mem0 connect",
	missing: ", without hooks",
};

const words: Readonly<Record<ConnectionState, string>> = {
	connected: "connected",
	stale: "connected with other settings, or to another installation; mend it with: mcp-mem0 connect",
	foreign: "its server mcp-mem0 starts another program",
	missing: "not connected",
	absent: "not found on this machine",
};

/** Nothing where neither is there, since nobody misses hooks then. */
function wordsOnHooks({
	state,
	hooks,
}: {
	readonly state: ConnectionState;
	readonly hooks?: HooksState;
}): string {
	// VS Code reads Copilot's hooks, whether or not it is there itself.
	if (!hooks || state === "absent") return "";
	if (hooks === "missing" && state !== "connected" && state !== "stale") return "";
	return hookWords[hooks];
}

export const agents: Command = {
	name: "agents",
	summary:
		"list the clients that can use this memory by the names that connect takes: which are connected, and when each last used it",
	flags: [{ name: "json", summary: "as JSON" }],
	run: async (launch, _, { json }) => {
		const [
			{ clients },
			{ inspect },
			{ hasHooks, inspectHooks },
			{ ConfigFileError },
			{ entryOf },
			{ useInWords, useOf, usesIn },
		] = await Promise.all([
			import("../agents/clients/index.ts"),
			import("../agents/connections.ts"),
			import("../agents/hooks/hookFiles.ts"),
			import("../agents/configFile.ts"),
			import("./agentFiles.ts"),
			import("../agents/lastUse.ts"),
		]);
		const places = thisMachine();
		const entry = await entryOf(launch, places);
		const { config } = tryReadConfig(launch.sources);
		// The connections are told of also where the memory cannot be opened; the doctor says why.
		const uses = config ? await usesIn(config).catch(() => []) : [];
		const stateOf = async (client: Client) => {
			const { id, name, file } = client;
			const place = { id, name, file: file(places), ...useOf(client, uses) };
			try {
				const state = await inspect(client, places, entry);
				const hooks = hasHooks(client) ? await inspectHooks(client, places, entry) : undefined;
				return { ...place, state, ...(hooks ? { hooks } : {}) };
			} catch (error) {
				if (!(error instanceof ConfigFileError)) throw error;
				return { ...place, state: "unreadable" as const, problem: error.message };
			}
		};
		const rows = await Promise.all(clients.map(stateOf));
		if (json) {
			printJson({ agents: rows });
			return 0;
		}
		for (const row of rows) {
			const state = row.state === "unreadable" ? row.problem : words[row.state] + wordsOnHooks(row);
			const used = useInWords(row);
			// A problem names the file.
			const place = row.state === "absent" || row.state === "unreadable" ? "" : ` (${row.file})`;
			print(`${row.id.padEnd(15)} ${state}${used ? `; ${used}` : ""}${place}`);
		}
		return 0;
	},
};
