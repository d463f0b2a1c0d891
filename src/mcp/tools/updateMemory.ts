import * as z from "zod";
import { id, memorySchema, note, presented, text, visibility } from "./schemas.ts";
import { tool } from "./tool.ts";

export const updateMemory = tool({
	name: "update_memory",
	title: "Update memory",
	description: "Replace the text of a memory that is no longer true or complete. Its history is kept.",
	annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
	use: "changed",
	inputSchema: z.strictObject({
		id,
		text: text.optional().describe("The whole new text"),
		visibility: visibility.describe("In a team"),
	}),
	outputSchema: memorySchema.extend({ note }),
	run: async (args, { memory }) => {
		const updated = await memory.update(args.id, args.text, args.visibility);
		return { ...presented(updated), note: updated.note };
	},
});
