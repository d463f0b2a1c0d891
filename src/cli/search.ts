import { originText } from "../memory/originText.ts";
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
		{ name: "client", value: "NAME", summary: "only what this program saved, such as claude-code" },
		{ name: "explain", summary: "with what makes each rank where it does, and where it came from" },
	],
	run: (launch, words, { json, limit, scope, client, explain }) => {
		const context = configured(launch);
		return withMemory(context, async (memory) => {
			const query = words.join(" ");
			const project = await projectOf(process.cwd());
			const { memories, note } = await memory.search({
				query,
				limit: numberIfAny(limit),
				scope,
				client,
				project,
				explain: explain === true,
			});
			memory.uses.add({
				client: "mcp-mem0",
				clientVersion: launch.version,
				what: "searched",
				query,
				memories: memories.map(({ id }) => id),
				...(project ? { project } : {}),
			});
			const { outsideSpace, embedding, teamServer } = await memory.status();
			if (note) context.log.warn(note);
			// Where the model fails, that comes first: it could not embed them either.
			else if (outsideSpace > 0 && teamServer === undefined)
				context.log.warn(
					`${counted(outsideSpace)} of an earlier embedding model, or with other prefixes, can be found by words only. To embed them with ${embedding.description}, which gets their texts: mcp-mem0 reembed`,
				);
			if (json) {
				printJson({ memories: memories.map(asJson), ...(note ? { note } : {}) });
			} else if (memories.length === 0) say("No memory answers this.");
			else
				for (const { id, text, score, weak, supersededBy, project, createdAt, origin, why } of memories) {
					const percent = `${Math.round(score * 100)} %`.padStart(5);
					const remarks = [
						project?.name ?? "global",
						ageOf(createdAt),
						...(weak ? ["weak"] : []),
						...(supersededBy ? ["superseded"] : []),
					];
					print(`${percent}  ${id}  ${oneLine(text)}  (${oneLine(remarks.join(", "))})`);
					if (why) print(`       ${oneLine(explanationText(why))}`);
					if (why && origin) print(`       from ${oneLine(originText(origin))}`);
				}
			// Also when nothing answers: an empty result is a result.
			return 0;
		});
	},
};
