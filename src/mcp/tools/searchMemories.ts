import * as z from "zod";
import { maxSearchLimit } from "../../memory/input.ts";
import { explanationText } from "../../memory/searching/explanation.ts";
import { filterScope, memorySchema, note, presented, text } from "./schemas.ts";
import { readsOnly, tool } from "./tool.ts";

export const searchMemories = tool({
	name: "search_memories",
	title: "Search memories",
	description:
		"Find what was remembered in earlier conversations, by meaning and by words. Use it before answering when earlier preferences, decisions or project knowledge may matter. weak results are likelier wrong than right: use one only if its text clearly answers.",
	annotations: readsOnly,
	use: "searched",
	inputSchema: z.strictObject({
		query: text.describe("A question or keywords"),
		limit: z.int().min(1).max(maxSearchLimit).default(5),
		scope: filterScope,
		since: z
			.string()
			.optional()
			.describe("Earliest creation date, ISO 8601: 2026-05-31 or 2026-05-31T18:00:00Z"),
		until: z.string().optional().describe("Latest creation date"),
		client: z.string().optional().describe("Only what this program saved, such as claude-code"),
		explain: z.boolean().optional().describe("true: say why each result ranks where it does"),
	}),
	outputSchema: z.strictObject({
		memories: z
			.array(
				memorySchema.extend({
					score: z.number().describe("How likely it answers: of results with 0.7, seven of ten do"),
					weak: z.boolean().optional().describe("true: likelier wrong than right"),
					supersededBy: z.string().optional().describe("Id of the newer memory that replaces it"),
					why: z.string().optional().describe("What adds how much to the score, with explain"),
				}),
			)
			.describe("Best first"),
		note,
	}),
	run: async (args, { memory, project, signal }) => {
		const { memories, note } = await memory.search({ ...args, project, signal });
		return {
			memories: memories.map((found) => ({
				...presented(found),
				score: found.score,
				weak: found.weak,
				supersededBy: found.supersededBy,
				why: found.why && explanationText(found.why),
			})),
			note,
		};
	},
});
