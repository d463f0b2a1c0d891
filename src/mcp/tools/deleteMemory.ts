import * as z from "zod";
import { id, memorySchema, presented } from "./schemas.ts";
import { tool } from "./tool.ts";

export const deleteMemory = tool({
	name: "delete_memory",
	title: "Delete memory",
	description: "Forget a memory, when the user asks for it or it is wrong.",
	annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
	use: "changed",
	inputSchema: z.strictObject({ id }),
	outputSchema: z.strictObject({ deleted: memorySchema, note: z.string() }),
	run: async (args, { memory }) => {
		const deleted = await memory.delete(args.id);
		return {
			deleted: presented(deleted),
			note: deleted.keptHere
				? "Deleted; the team's memory is away, and follows by itself when it is back."
				: "Its text is erased for good after 30 days.",
		};
	},
});
