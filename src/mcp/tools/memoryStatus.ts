import * as z from "zod";
import { awayNotice } from "../../memory/keptHere.ts";
import type { ModelStatus } from "../../memory/requests.ts";
import { byHost } from "../../memory/traffic.ts";
import type { ClientUse } from "../../store/usage.ts";
import { readsOnly, tool } from "./tool.ts";

const modelSchema = z.strictObject({
	description: z.string().describe("Model and place"),
	origin: z.string().describe("Where texts are sent; empty: nowhere"),
	state: z.enum(["unused", "working", "failing"]).describe("How it did when last asked"),
	problem: z.string().optional(),
	way: z.string().optional().describe("Absent: reached directly"),
	latency: z.number().optional().describe("ms its last answer took"),
	requests: z.int().optional().describe("Requests of the last hour; absent before the first"),
	failures: z.int().optional().describe("Those of them that failed"),
	leftOut: z
		.array(z.strictObject({ url: z.string(), problem: z.string() }))
		.optional()
		.describe("Servers that get no requests for now"),
});

/** Days whose requests are summed up. */
const days = 7;
/** Rows; only somebody who often changes endpoints has more. */
const mostHosts = 10;

const mostClients = 10;

function clientStatus({ client, clientVersion, lastRead, lastWrote }: ClientUse) {
	return { name: client, version: clientVersion, lastRead: timeOf(lastRead), lastWrote: timeOf(lastWrote) };
}

function timeOf(at: number | undefined): string | undefined {
	return at === undefined ? undefined : new Date(at).toISOString();
}

function modelStatus({ traffic, leftOut, ...model }: ModelStatus): z.infer<typeof modelSchema> {
	const { latency, requests, failures } = traffic ?? {};
	return { ...model, latency, requests, failures, leftOut: leftOut && [...leftOut] };
}

export const memoryStatus = tool({
	name: "memory_status",
	title: "Memory status",
	description:
		"Where memories are kept, how many there are, which model embeds them, and which work is pending.",
	annotations: readsOnly,
	inputSchema: z.strictObject({}),
	outputSchema: z.strictObject({
		version: z.string(),
		database: z.string(),
		user: z.string(),
		project: z.string().optional(),
		mode: z.enum(["distilled", "verbatim"]),
		llm: modelSchema.optional().describe("Absent: texts are kept word for word"),
		embedding: modelSchema.extend({ dimensions: z.int().optional().describe("Absent until measured") }),
		counts: z.strictObject({ all: z.int(), global: z.int(), project: z.int() }),
		pending: z.strictObject({ embedding: z.int(), distillation: z.int() }),
		keptAsText: z.int().describe("Saves from which no facts could be extracted; their text is the memory"),
		outsideSpace: z
			.int()
			.describe("Memories of an earlier embedding model, found by words only until re-embedded"),
		traffic: z
			.array(
				z.strictObject({
					role: z.enum(["chat", "embedding"]),
					host: z.string(),
					requests: z.int(),
					errors: z.int(),
					inputTokens: z.int(),
					outputTokens: z.int(),
					latency: z.int().optional().describe("ms on average"),
				}),
			)
			.describe("Requests of the last 7 days"),
		clients: z
			.array(
				z.strictObject({
					name: z.string(),
					version: z.string().optional(),
					lastRead: z.string().optional(),
					lastWrote: z.string().optional(),
				}),
			)
			.describe("Programs that use the memory, the last active first"),
		notices: z.array(z.string()),
	}),
	run: async (_input, { memory, project, version }) => {
		const {
			userId,
			notices,
			remarks,
			llm,
			embedding,
			heldBack: _held,
			// The database's name has it.
			teamServer: _,
			away,
			distils,
			...status
		} = await memory.status(project);
		const { space, ...embedder } = embedding;
		const waits = awayNotice(away);
		const traffic = byHost(await memory.usage(days)).sort((a, b) => b.requests - a.requests);
		const advice =
			llm?.state === "failing" || embedder.state === "failing"
				? ["Mem0: Run All Diagnostics, or mcp-mem0 doctor, finds the cause and the fix."]
				: [];
		return {
			version,
			...status,
			user: userId,
			project: project?.name,
			mode: distils ? ("distilled" as const) : ("verbatim" as const),
			llm: llm && modelStatus(llm),
			embedding: { ...modelStatus(embedder), dimensions: space?.dimensions },
			traffic: traffic.slice(0, mostHosts),
			clients: (await memory.uses.clients()).slice(0, mostClients).map(clientStatus),
			notices: [...(waits === undefined ? [] : [waits]), ...notices, ...remarks, ...advice],
		};
	},
});
