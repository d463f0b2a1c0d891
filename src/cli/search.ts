import { explanationText } from "../memory/searching/explanation.ts";
import { oneLine } from "../text/inert.ts";
import { ageOf, counted } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configured, projectOf, withMemory } from "./context.ts";
import { asJson, numberIfAny } from "./memoryOutput.ts";
import { print, printJson, say } from "./terminal.ts";

export const search: Command = {
	name: "search",
	summary: "print memories that answer the query",
	operands: {
		label: "QUERY",
		most: Number.POSITIVE_INFINITY,
		missing: 'search needs a query: mcp-mem0 search "how do we deploy".',
	},
	flags: [
		{ name: "json", summary: "as JSON" },
		{ name: "limit", value: "N", summary: "at most N of them, 1 to 50 (5)" },
		{
			name: "scope",
			value: "SCOPE",
			summary: "global, project or all (global and the project of this folder)",
		},
		{ name: "explain", summary: "with what makes each rank where it does" },
	],
	run: (launch, words, { json, limit, scope, explain }) => {
		const context = configured(launch);
		return withMemory(context, async (memory) => {
			const { memories, note } = await memory.search({
				query: words.join(" "),
				limit: numberIfAny(limit),
				scope,
				project: await projectOf(process.cwd()),
				explain: explain === true,
			});
			const { outsideSpace, embedding } = await memory.status();
			if (note) context.log.warn(note);
			// Where the model fails, that comes first: it could not embed them either.
			else if (outsideSpace > 0)
				context.log.warn(
					`${counted(outsideSpace)} of an earlier embedding model, or with other prefixes, can be found by words only. To embed them with ${embedding.description}, which gets their texts: mcp-mem0 reembed`,
				);
			if (json) {
				printJson({ memories: memories.map(asJson), ...(note ? { note } : {}) });
			} else if (memories.length === 0) say("No memory answers this.");
			else
				for (const { text, score, weak, supersededBy, project, createdAt, why } of memories) {
					const percent = `${Math.round(score * 100)} %`.padStart(5);
					const remarks = [
						project?.name ?? "global",
						ageOf(createdAt),
						...(weak ? ["weak"] : []),
						...(supersededBy ? ["superseded"] : []),
					];
					print(`${percent}  ${oneLine(text)}  (${oneLine(remarks.join(", "))})`);
					if (why) print(`       ${oneLine(explanationText(why))}`);
				}
			// Also when nothing answers: an empty result is a result.
			return 0;
		});
	},
};
