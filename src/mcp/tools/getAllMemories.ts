import * as z from "zod";
import { maxListLimit } from "../../memory/input.ts";
import { listPage, wholeMemory } from "../reading.ts";
import { filterScope, memorySchema, note } from "./schemas.ts";
import { readsOnly, tool } from "./tool.ts";

const defaultLimit = 50;

export const getAllMemories = tool({
	name: "get_all_memories",
	title: "List memories",
	description: "List memories, newest first, page by page. To answer a question use search_memories instead.",
	annotations: readsOnly,
	use: "read",
	inputSchema: z.strictObject({
		limit: z.int().min(1).max(maxListLimit).default(defaultLimit),
		cursor: z.string().optional().describe("nextCursor of the page before"),
		scope: filterScope.describe("As in search_memories"),
		id: z.string().optional().describe("Read this one memory whole, where its text was shortened"),
	}),
	outputSchema: z.strictObject({
		memories: z.array(memorySchema),
		total: z.int(),
		nextCursor: z.string().optional(),
		note,
	}),
	run: async ({ id, cursor, ...args }, { memory, project }) => {
		if (id !== undefined) return wholeMemory(memory, id, cursor);
		const { scope, limit } = args;
		const same = { scope, limit: limit === defaultLimit ? undefined : limit };
		return listPage(
			memory,
			{ ...args, project, cursor },
			(next) => `get_all_memories with ${JSON.stringify({ ...same, cursor: next })}`,
		);
	},
});
