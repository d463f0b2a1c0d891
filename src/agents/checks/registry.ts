import {
	type CheckResult,
	type Findings,
	failure,
	ok,
	runChecks,
	skipped,
	warning,
} from "../../doctor/findings.ts";
import type { Client, Places } from "../client.ts";
import { clients } from "../clients/index.ts";
import { ConfigFileError, readConfigFile } from "../configFile.ts";
import { isInstalled, isOurs, nameIn, understood } from "../connections.ts";
import type { AskServer, Connection, ConnectionCheck, Own } from "./connection.ts";
import { duplicates } from "./duplicates.ts";
import { entry } from "./entry.ts";
import { hooks } from "./hooks.ts";
import { memory } from "./memory.ts";
import { program } from "./program.ts";
import { server } from "./server.ts";
import { toolSearch } from "./toolSearch.ts";
import { trust } from "./trust.ts";
import { use } from "./use.ts";

/** In the order they run in. To add one, write its file and list it here. */
const connectionChecks: readonly ConnectionCheck[] = [
	entry,
	duplicates,
	toolSearch,
	program,
	server,
	memory,
	hooks,
	trust,
	use,
];

/** Checks each client in whose configuration our server stands. */
export async function examineAgents(
	places: Places,
	own: Own,
	ask: AskServer,
	findings: Findings,
	signal: AbortSignal,
): Promise<void> {
	const connected: Pick<Connection, "client" | "file" | "text" | "entry">[] = [];
	const ill: { readonly client: Client; readonly result: CheckResult }[] = [];
	const notConnected: string[] = [];
	for (const client of clients) {
		const file = client.file(places);
		let text: string | undefined;
		try {
			({ text = "" } = await readConfigFile(file));
			const found = understood(file, () => client.format.get(text ?? "", client.servers, nameIn(client)));
			if (found && isOurs(found)) connected.push({ client, file, text, entry: found });
			else if (found) ill.push({ client, result: foreign(file, nameIn(client)) });
			else if (isInstalled(client, places) && !client.onlyWhenNamed) notConnected.push(client.name);
		} catch (error) {
			if (!(error instanceof ConfigFileError)) throw error;
			ill.push({ client, result: unreadable(error, text?.includes(nameIn(client)) === true) });
		}
	}
	findings.add(
		"agents",
		{ stage: "connected", title: "Connected agents" },
		summary(
			connected.map(({ client }) => client.name),
			notConnected,
			own,
		),
	);
	for (const { client, result } of ill) of(client, findings).add("agents", entry, result);
	for (const each of connected) {
		const others = connected.flatMap(({ client }) => (client === each.client ? [] : client));
		const connection: Connection = { ...each, places, others, own, ask, signal };
		await runChecks("agents", connectionChecks, connection, of(each.client, findings));
	}
}

/** Findings named after a client. */
function of({ id, name }: Client, { add, ...findings }: Findings): Findings {
	return {
		...findings,
		add: (role, { stage, title }, result) =>
			add(role, { stage: `${stage}@${id}`, title: `${name}: ${title}` }, result),
	};
}

function summary(
	names: readonly string[],
	notConnected: readonly string[],
	{ side, elsewhere }: Own,
): CheckResult {
	const there = elsewhere ? ` Those of ${elsewhere} have files of their own: run mcp-mem0 doctor there.` : "";
	const others =
		notConnected.length > 0 ? ` Not connected: ${notConnected.join(", ")} (mcp-mem0 connect).` : "";
	const rest = `${others}${there}`;
	if (names.length === 0) return skipped(`None on ${side}.${rest}`);
	return ok(`On ${side}: ${names.join(", ")}.${rest}`);
}

function foreign(file: string, name: string): CheckResult {
	return warning(
		`In ${file}, the server "${name}" starts another program.`,
		"It was not written by MCP Mem0, and is left alone.",
		[{ kind: "open-file", label: `Open ${file}`, file }],
	);
}

/** @param ours whether our server stands in the file. */
function unreadable({ problem: { file, line, said } }: ConfigFileError, ours: boolean): CheckResult {
	const place = line === undefined ? file : `${file}, line ${line}`;
	const fixes = [
		{ kind: "open-file", label: `Open ${place}`, file, ...(line === undefined ? {} : { line }) },
	] as const;
	return ours
		? failure(`${place}: ${said}.`, "The client cannot read it either, so it starts no servers.", fixes)
		: warning(`${place}: ${said}.`, "Whether our server is in it cannot be seen.", fixes);
}
