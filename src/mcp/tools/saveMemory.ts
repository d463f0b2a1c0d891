import * as z from "zod";
import { scopes } from "../../memory/input.ts";
import { metadata, note, text, textLength, visibility } from "./schemas.ts";
import { tool } from "./tool.ts";

export const saveMemory = tool({
	name: "save_memory",
	title: "Save memory",
	description:
		"Remember a fact for later conversations: a preference, a decision, a convention, how something works or is done. One self-contained fact per call, understandable without this conversation. Not for secrets.",
	annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
	use: "saved",
	inputSchema: z.strictObject({
		text: text.describe("The fact, in a sentence or two"),
		scope: z
			.enum(scopes)
			.optional()
			.describe("global (default): about the user, true everywhere. project: about the current project only"),
		infer: z
			.boolean()
			.optional()
			.describe("false: keep the text word for word even where a language model could distil facts from it"),
		visibility: visibility.describe("In a team: who finds it; default by scope"),
		metadata: metadata.describe("Extra fields to keep with it"),
	}),
	outputSchema: z.strictObject({
		memories: z.array(
			z.strictObject({
				id: z.string(),
				text: z.string(),
				textLength,
				event: z.enum(["ADD", "DUPLICATE"]),
			}),
		),
		mode: z.enum(["distilled", "verbatim"]),
		pending: z
			.array(z.enum(["embedding", "distillation", "delivery"]))
			.describe(
				"Work that follows by itself; nothing to do. delivery: to the team's database, which is away",
			),
		note,
	}),
	run: async (args, { memory, project, conversationId, origin }) => {
		// Elsewhere, a model that names it all the same must not lose what it saves.
		const visibility = memory.isTeam ? args.visibility : undefined;
		const asked = { ...args, visibility, project, conversationId, origin };
		const { keptHere, ...saved } = await memory.save(asked);
		const delivery = keptHere ? (["delivery"] as const) : [];
		return { ...saved, memories: [...saved.memories], pending: [...delivery, ...saved.pending] };
	},
});
