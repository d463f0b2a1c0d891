import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { clientProject } from "../mcp/clientProject.ts";
import type { Caller } from "../mcp/hosts/access/caller.ts";
import { gauge } from "../mcp/hosts/operators.ts";
import type { Metric, ToolCall } from "../mcp/metrics.ts";
import { rootProject } from "../mcp/rootProject.ts";
import type { SharedMemory } from "../memory/access/sharedMemory.ts";
import type { UserMemory } from "../memory/userMemory.ts";
import { plural } from "../text/wording.ts";
import type { CliContext } from "./context.ts";
import { say } from "./terminal.ts";

export type CreateSession = (
	project: ReturnType<typeof clientProject>,
	memory: UserMemory,
	onDidCall?: (call: ToolCall) => void,
) => Server;

/** Serves MCP over HTTP until `stopped`: to one person, or to the users of the database and of the identity provider. */
export async function serveHttp(
	{ config, log }: CliContext,
	shared: SharedMemory,
	createSession: CreateSession,
	stopped: Promise<void>,
	version: string,
): Promise<void> {
	const { startHttpHost } = await import("../mcp/hosts/http.ts");
	const { host, port, authToken, allowedHosts, publicUrl, oauth, requestsPerMinute } = config;
	const { users } = shared.store;
	const memoryOf = ({ actor }: Pick<Caller, "actor">) => (actor ? shared.of(actor) : shared.own);
	const http = await startHttpHost({
		// The folders that clients name may be on other machines.
		createSession: (caller, named) =>
			createSession(
				named ? async () => named : clientProject(rootProject, async () => undefined),
				memoryOf(caller),
				(call) => http.counts.called(call),
			),
		log,
		host,
		port,
		token: authToken,
		allowedHosts,
		team: { users, publicUrl, oauth, requestsPerMinute },
		memory: {
			memoryOf,
			version,
			probe: ({ actor }) => shared.probe(actor?.userId ?? config.userId),
		},
		operators: { askDatabase: () => users.list(), gauges: () => gaugesOf(shared) },
	});
	const known = (await users.list()).filter(({ revokedAt }) => revokedAt === undefined).length;
	const people = [
		...(known > 0 ? [plural(known, "# user", "# users")] : []),
		...(oauth ? [`the people of ${oauth.issuer}`] : []),
	];
	say(`MCP server: ${publicUrl ?? http.url}`);
	if (people.length > 0) log.info(`It serves ${people.join(" and ")}.`);
	if (authToken === undefined) say(`Authorization: Bearer ${http.token}`);
	await stopped;
	log.info("Shutting down.");
	await http.close();
}

async function gaugesOf(shared: SharedMemory): Promise<readonly Metric[]> {
	let distillation = 0;
	let embedding = 0;
	for (const memory of shared.all) {
		const { pending } = await memory.status();
		distillation += pending.distillation;
		embedding += pending.embedding;
	}
	const { llm, embedding: embedder } = await shared.own.status();
	const models = [
		["chat", llm],
		["embedding", embedder],
	] as const;
	const used = models.flatMap(([role, model]) =>
		model && model.state !== "unused" ? [{ role, model }] : [],
	);
	return [
		{
			name: "saves_waiting",
			help: "Texts of the people who were here that wait for a model.",
			type: "gauge",
			samples: [
				{ labels: { model: "chat" }, value: distillation },
				{ labels: { model: "embedding" }, value: embedding },
			],
		},
		gauge("memories_open", "People whose memories this process has in use.", shared.all.length),
		{
			name: "endpoint_up",
			help: "Whether the model worked when it was last used.",
			type: "gauge",
			samples: used.map(({ role, model }) => ({
				labels: { role },
				value: model.state === "working" ? 1 : 0,
			})),
		},
		{
			name: "endpoint_requests_last_hour",
			help: "Requests of this process to the models' endpoints.",
			type: "gauge",
			samples: used.flatMap(({ role, model: { traffic } }) =>
				traffic
					? [
							{ labels: { role, status: "ok" }, value: traffic.requests - traffic.failures },
							{ labels: { role, status: "error" }, value: traffic.failures },
						]
					: [],
			),
		},
	];
}
