import * as z from "zod";
import type { ModelStatus } from "../../memory/requests.ts";
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
});

function modelStatus({ traffic, ...model }: ModelStatus): z.infer<typeof modelSchema> {
	return { ...model, latency: traffic?.latency, requests: traffic?.requests, failures: traffic?.failures };
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
		notices: z.array(z.string()),
	}),
	run: async (_, { memory, project, version }) => {
		const { userId, notices, llm, embedding, heldBack: _held, ...status } = await memory.status(project);
		const { space, ...embedder } = embedding;
		const advice =
			llm?.state === "failing" || embedder.state === "failing"
				? ["Mem0: Run All Diagnostics, or mcp-mem0 doctor, finds the cause and the fix."]
				: [];
		return {
			version,
			...status,
			user: userId,
			project: project?.name,
			mode: llm ? ("distilled" as const) : ("verbatim" as const),
			llm: llm && modelStatus(llm),
			embedding: { ...modelStatus(embedder), dimensions: space?.dimensions },
			notices: [...notices, ...advice],
		};
	},
});
