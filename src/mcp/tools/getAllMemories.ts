import * as z from "zod";
import { maxListLimit } from "../../memory/input.ts";
import { filterScope, memorySchema, presented } from "./schemas.ts";
import { readsOnly, tool } from "./tool.ts";

export const getAllMemories = tool({
	name: "get_all_memories",
	title: "List memories",
	description: "List memories, newest first, page by page. To answer a question use search_memories instead.",
	annotations: readsOnly,
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
});
