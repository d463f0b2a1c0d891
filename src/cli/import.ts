import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError } from "../memory/errors.ts";
import { checkedMemory, type ImportRequest } from "../memory/requests.ts";
import { parseLine } from "../memory/transfer/jsonl.ts";
import { oneLine } from "../text/inert.ts";
import { counted } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configured, projectOf, withMemory } from "./context.ts";
import { progressLine, say } from "./terminal.ts";

/** Lines per transaction. */
const batchSize = 64;

/**
 * Skips invalid lines and names them by their number; counts known lines, so that an import that was interrupted can
 * be run again. Exit code 1 when lines were skipped.
 */
export const importMemories: Command = {
	name: "import",
	summary: 'take in memories: one JSON object a line, {"text", "scope"?, "createdAt"?, "conversation"?}',
	operands: {
		label: "FILE.jsonl",
		most: 1,
		missing: "import needs a file: mcp-mem0 import memories.jsonl.",
	},
	run: async (launch, [file = ""]) => {
		const context = configured(launch);
		const handle = await openFile(resolve(file));
		try {
			const project = await projectOf(process.cwd());
			return await withMemory(context, async (memory) => {
				const { size } = await handle.stat();
				const progress = progressLine();
				const tally = { added: 0, known: 0, skipped: 0 };
				let batch: ImportRequest[] = [];
				const takeBatch = async () => {
					if (batch.length === 0) return;
					for (const event of await memory.importAll(batch)) tally[event === "ADD" ? "added" : "known"] += 1;
					batch = [];
				};
				let number = 0;
				let bytes = 0;
				for await (const line of handle.readLines()) {
					number += 1;
					bytes += Buffer.byteLength(line) + 1;
					const text = number === 1 ? line.replace(/^\uFEFF/, "") : line;
					if (text.trim() === "") continue;
					try {
						const request = parseLine(text, project);
						checkedMemory(context.config.userId, request);
						batch.push(request);
					} catch (error) {
						tally.skipped += 1;
						progress.clear();
						say(`Line ${number} skipped: ${oneLine(messageOf(error))}`);
					}
					if (batch.length === batchSize) {
						await takeBatch();
						const percent = Math.min(100, Math.floor((100 * bytes) / size));
						progress.show(`${percent} %, ${counted(tally.added + tally.known)}`);
					}
				}
				await takeBatch();
				const known = tally.known > 0 ? `, ${tally.known} known already` : "";
				const lines = tally.skipped === 1 ? "1 line" : `${tally.skipped} lines`;
				const skipped = tally.skipped > 0 ? `, ${lines} skipped` : "";
				progress.clear();
				say(`Imported ${counted(tally.added)}${known}${skipped}.`);
				return tally.skipped > 0 ? 1 : 0;
			});
		} finally {
			await handle.close();
		}
	},
};

/** @throws InputError */
async function openFile(path: string) {
	const unreadable = (why: string) =>
		new InputError("file", `${path} cannot be read (${why}). Check the path.`);
	const handle = await open(path).catch((error: Error) => {
		throw unreadable(error.message);
	});
	if (!(await handle.stat()).isDirectory()) return handle;
	await handle.close();
	throw unreadable("it is a folder");
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
