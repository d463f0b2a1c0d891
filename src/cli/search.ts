import { explanationText } from "../memory/searching/explanation.ts";
import { ageOf, counted } from "../text/wording.ts";
import type { CliContext } from "./context.ts";

export interface SearchCommand {
	readonly query: string;
	readonly json: boolean;
	readonly limit: number | string | undefined;
	readonly scope: string | undefined;
	readonly explain: boolean;
}

/** Exit code 0 also when nothing answers, as an empty result is a result. */
export async function searchMemories(
	context: CliContext,
	{ query, json, limit, scope, explain }: SearchCommand,
): Promise<number> {
	const memory = await context.openMemory();
	try {
		const project = await context.projectOf(process.cwd());
		const { memories, note } = await memory.search({ query, limit, scope, project, explain });
		if (note) context.log.warn(note);
		const { outsideSpace, embedding } = await memory.status();
		if (outsideSpace > 0)
			context.log.warn(
				`${counted(outsideSpace)} of an earlier embedding model can be found by words only. To embed them with ${embedding.description}, which gets their texts: mcp-mem0 reembed`,
			);
		if (json) {
			const shown = memories.map(({ userId: _, createdAt, updatedAt, ...rest }) => ({
				...rest,
				createdAt: new Date(createdAt).toISOString(),
				updatedAt: new Date(updatedAt).toISOString(),
			}));
			process.stdout.write(`${JSON.stringify({ memories: shown, ...(note ? { note } : {}) }, null, 2)}\n`);
		} else if (memories.length === 0) {
			process.stderr.write("No memory answers this.\n");
		} else {
			for (const { text, score, project: of, createdAt, why } of memories) {
				const line = `${Math.round(score * 100)} %`.padStart(5);
				process.stdout.write(
					`${line}  ${text.replace(/\s+/g, " ")}  (${of?.name ?? "global"}, ${ageOf(createdAt)})\n`,
				);
				if (why) process.stdout.write(`       ${explanationText(why)}\n`);
			}
		}
		return 0;
	} finally {
		await memory.dispose();
	}
}
