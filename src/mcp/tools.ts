import * as z from "zod";
import { maxListLimit, maxSearchLimit, maxTextLength, scopeFilters, scopes } from "../memory/input.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import type { ModelStatus } from "../memory/requests.ts";
import { explanationText } from "../memory/searching/explanation.ts";
import type { Memory, Project } from "../store/types.ts";

/** What a tool call runs in. */
export interface ToolContext {
	readonly memory: MemoryService;
	/** The project of the client that calls. */
	readonly project: Project | undefined;
	readonly conversationId: string | undefined;
	readonly signal: AbortSignal;
	readonly version: string;
}

export interface Tool {
	readonly name: string;
	readonly title: string;
	readonly description: string;
	readonly annotations: {
		readonly readOnlyHint: boolean;
		readonly destructiveHint: boolean;
		readonly idempotentHint: boolean;
		readonly openWorldHint: false;
	};
	readonly inputSchema: z.ZodType;
	readonly outputSchema: z.ZodType;
	/** Gets arguments that match `inputSchema`; answers what matches `outputSchema`. */
	readonly run: (
		args: never,
		context: ToolContext,
	) => Promise<Record<string, unknown>> | Record<string, unknown>;
}

const id = z.string().min(1).describe("Id of the memory, from search_memories or get_all_memories");
const filterScope = z
	.enum(scopeFilters)
	.optional()
	.describe(
		"global, project (only the current one) or all (every project). Default: global and the current project",
	);
const date = (which: string) =>
	z.string().optional().describe(`${which} creation date, ISO 8601: 2026-05-31 or 2026-05-31T18:00:00Z`);

const memoryFields = {
	id: z.string(),
	text: z.string(),
	scope: z.enum(scopes),
	project: z.string().optional().describe("Name of the project, for scope project"),
	createdAt: z.string().describe("ISO 8601"),
	updatedAt: z.string().optional().describe("ISO 8601; absent if never changed"),
	metadata: z.record(z.string(), z.unknown()).optional(),
};
const memorySchema = z.strictObject(memoryFields);

/** A memory as tools and resources show it. */
export function presented(memory: Memory): z.infer<typeof memorySchema> {
	return {
		id: memory.id,
		text: memory.text,
		scope: memory.scope,
		...(memory.project ? { project: memory.project.name } : {}),
		createdAt: new Date(memory.createdAt).toISOString(),
		...(memory.updatedAt > memory.createdAt ? { updatedAt: new Date(memory.updatedAt).toISOString() } : {}),
		...(memory.metadata ? { metadata: { ...memory.metadata } } : {}),
	};
}

/** Keeps a tool's arguments and schema of one type without spelling them out. */
function tool<Input extends z.ZodType, Output extends z.ZodType>(
	definition: Omit<Tool, "inputSchema" | "outputSchema" | "run"> & {
		readonly inputSchema: Input;
		readonly outputSchema: Output;
		readonly run: (args: z.infer<Input>, context: ToolContext) => Promise<z.infer<Output>> | z.infer<Output>;
	},
): Tool {
	return definition as Tool;
}

const reads = {
	readOnlyHint: true,
	destructiveHint: false,
	idempotentHint: true,
	openWorldHint: false,
} as const;

const modelFields = {
	description: z.string().describe("Model and place"),
	origin: z.string().describe("Where texts are sent; empty: nowhere"),
	state: z.enum(["unused", "working", "failing"]).describe("How it did when last asked"),
	problem: z.string().optional(),
	latency: z.number().optional().describe("ms its last answer took"),
	requests: z.int().optional().describe("Requests of the last hour; absent before the first"),
	failures: z.int().optional().describe("Those of them that failed"),
};

/** What a model's status says of its traffic, flat. */
function modelStatus({ traffic, ...model }: ModelStatus) {
	if (!traffic) return model;
	const { latency, requests, failures } = traffic;
	return { ...model, ...(latency === undefined ? {} : { latency }), requests, failures };
}

export const tools: readonly Tool[] = [
	tool({
		name: "save_memory",
		title: "Save memory",
		description:
			"Remember a fact for later conversations: a preference, a decision, a convention, how something works or is done. One self-contained fact per call, understandable without this conversation. Not for secrets.",
		annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
		inputSchema: z.strictObject({
			text: z.string().min(1).max(maxTextLength).describe("The fact, in a sentence or two"),
			scope: z
				.enum(scopes)
				.optional()
				.describe(
					"global (default): about the user, true everywhere. project: about the current project only",
				),
			infer: z
				.boolean()
				.optional()
				.describe(
					"false: keep the text word for word even where a language model could distil facts from it",
				),
			metadata: z.record(z.string(), z.unknown()).optional().describe("Extra fields to keep with it"),
		}),
		outputSchema: z.strictObject({
			memories: z.array(
				z.strictObject({ id: z.string(), text: z.string(), event: z.enum(["ADD", "UPDATE", "DUPLICATE"]) }),
			),
			mode: z.enum(["distilled", "verbatim"]),
			pending: z
				.array(z.enum(["embedding", "distillation"]))
				.describe("Work that follows by itself; nothing to do"),
			note: z.string().optional(),
		}),
		run: async (args, { memory, project, conversationId }) => {
			const saved = await memory.save({ ...args, project, conversationId });
			return { ...saved, memories: [...saved.memories], pending: [...saved.pending] };
		},
	}),
	tool({
		name: "search_memories",
		title: "Search memories",
		description:
			"Find what was remembered in earlier conversations, by meaning and by words. Use it before answering when earlier preferences, decisions or project knowledge may matter. Empty when nothing answers.",
		annotations: reads,
		inputSchema: z.strictObject({
			query: z.string().min(1).max(maxTextLength).describe("A question or keywords"),
			limit: z.int().min(1).max(maxSearchLimit).default(5),
			scope: filterScope,
			since: date("Earliest"),
			until: date("Latest"),
			explain: z.boolean().optional().describe("true: say why each result ranks where it does"),
		}),
		outputSchema: z.strictObject({
			memories: z
				.array(
					z.strictObject({
						...memoryFields,
						score: z.number().describe("How well it answers, 0 to 1"),
						why: z.string().optional().describe("What adds how much to the score, with explain"),
					}),
				)
				.describe("Best first"),
			note: z.string().optional(),
		}),
		run: async (args, { memory, project, signal }) => {
			const { memories, note } = await memory.search({ ...args, project, signal });
			return {
				memories: memories.map((found) => ({
					...presented(found),
					score: found.score,
					...(found.why ? { why: explanationText(found.why) } : {}),
				})),
				...(note ? { note } : {}),
			};
		},
	}),
	tool({
		name: "get_all_memories",
		title: "List memories",
		description:
			"List memories, newest first, page by page. To answer a question use search_memories instead.",
		annotations: reads,
		inputSchema: z.strictObject({
			limit: z.int().min(1).max(maxListLimit).default(50),
			cursor: z.string().optional().describe("nextCursor of the page before"),
			scope: filterScope,
		}),
		outputSchema: z.strictObject({
			memories: z.array(memorySchema),
			total: z.int(),
			nextCursor: z.string().optional(),
		}),
		run: async (args, { memory, project }) => {
			const page = await memory.list({ ...args, project });
			return { ...page, memories: page.memories.map(presented) };
		},
	}),
	tool({
		name: "update_memory",
		title: "Update memory",
		description: "Replace the text of a memory that is no longer true or complete. Its history is kept.",
		annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
		inputSchema: z.strictObject({
			id,
			text: z.string().min(1).max(maxTextLength).describe("The whole new text"),
		}),
		outputSchema: memorySchema,
		run: async ({ id: which, text }, { memory }) => presented(await memory.update(which, text)),
	}),
	tool({
		name: "delete_memory",
		title: "Delete memory",
		description: "Forget a memory, when the user asks for it or it is wrong.",
		annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
		inputSchema: z.strictObject({ id }),
		outputSchema: z.strictObject({ deleted: memorySchema, note: z.string() }),
		run: async ({ id: which }, { memory }) => ({
			deleted: presented(await memory.delete(which)),
			note: "Its text is erased for good after 30 days.",
		}),
	}),
	tool({
		name: "memory_status",
		title: "Memory status",
		description:
			"Where memories are kept, how many there are, which model embeds them, and what work is pending.",
		annotations: reads,
		inputSchema: z.strictObject({}),
		outputSchema: z.strictObject({
			version: z.string(),
			database: z.string(),
			user: z.string(),
			project: z.string().optional(),
			mode: z.enum(["distilled", "verbatim"]),
			llm: z.strictObject(modelFields).optional().describe("Absent: texts are kept word for word"),
			embedding: z.strictObject({
				...modelFields,
				dimensions: z.int().optional().describe("Absent until measured"),
			}),
			counts: z.strictObject({ all: z.int(), global: z.int(), project: z.int() }),
			pending: z.strictObject({
				embedding: z.int(),
				distillation: z.int(),
			}),
			keptAsText: z.int().describe("Saves of which no facts could be made; their text is a memory"),
			outsideSpace: z
				.int()
				.describe("Memories of an earlier embedding model, found by words only until re-embedded"),
			notices: z.array(z.string()),
		}),
		run: async (_, { memory, project, version }) => {
			const { userId, notices, llm, embedding, ...status } = await memory.status(project);
			const { space, ...embedder } = embedding;
			const advice =
				llm?.state === "failing" || embedder.state === "failing"
					? ["Mem0: Run All Diagnostics, or mcp-mem0 doctor, finds the cause and what mends it."]
					: [];
			return {
				version,
				...status,
				user: userId,
				...(project ? { project: project.name } : {}),
				mode: llm ? ("distilled" as const) : ("verbatim" as const),
				...(llm ? { llm: modelStatus(llm) } : {}),
				embedding: { ...modelStatus(embedder), ...(space ? { dimensions: space.dimensions } : {}) },
				notices: [...notices, ...advice],
			};
		},
	}),
];
