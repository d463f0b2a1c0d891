import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError } from "../memory/errors.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import { checkedMemory, type ImportRequest } from "../memory/requests.ts";
import { parseLine } from "../memory/transfer/jsonl.ts";
import { type Line, linesOf } from "../memory/transfer/lines.ts";
import { oneLine } from "../text/inert.ts";
import { counted } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configured, projectOf, withMemory } from "./context.ts";
import { progressLine, say } from "./terminal.ts";

/** Lines per transaction. */
const batchSize = 64;
/** Bytes. The longest text and metadata have half as much, with every character escaped. */
const longestLine = 1_000_000;
/** Skipped lines that are named one by one. */
const mostNamed = 10;

/**
 * Skips invalid lines and names the first of them by their number; counts known lines, so that an import that was interrupted can
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
			const { size } = await handle.stat();
			const lines = linesOf(handle.createReadStream({ autoClose: false }), longestLine);
			return await withMemory(context, (memory) =>
				importLines(lines, size, memory, (line) => {
					if (line.text === undefined) throw new InputError("line", `it is ${line.problem}.`);
					const request = parseLine(line.text, project);
					checkedMemory(context.config.userId, request);
					return request;
				}),
			);
		} finally {
			await handle.close();
		}
	},
};

/** @param requestOf throws what is wrong with a line. */
async function importLines(
	lines: AsyncIterable<Line>,
	size: number,
	memory: MemoryService,
	requestOf: (line: Line) => ImportRequest,
): Promise<number> {
	const progress = progressLine();
	const tally = { added: 0, known: 0, skipped: 0 };
	let batch: { readonly number: number; readonly request: ImportRequest }[] = [];
	const skip = (number: number, error: unknown) => {
		tally.skipped += 1;
		if (tally.skipped > mostNamed) return;
		progress.clear();
		say(`Line ${number} skipped: ${oneLine(messageOf(error))}`);
	};
	const take = async (requests: readonly ImportRequest[]) => {
		for (const event of await memory.importAll(requests)) tally[event === "ADD" ? "added" : "known"] += 1;
	};
	const takeBatch = async () => {
		const taken = batch;
		batch = [];
		if (taken.length === 0) return;
		try {
			await take(taken.map(({ request }) => request));
		} catch (failure) {
			// The fault may be in one of the lines. If no line can be stored, it is not.
			const before = tally.skipped;
			for (const { number, request } of taken) await take([request]).catch((error) => skip(number, error));
			if (tally.skipped - before === taken.length) throw failure;
		}
	};
	for await (const line of lines) {
		if (line.text?.trim() === "") continue;
		try {
			batch.push({ number: line.number, request: requestOf(line) });
		} catch (error) {
			skip(line.number, error);
		}
		if (batch.length === batchSize) {
			await takeBatch();
			const percent = Math.min(100, Math.floor((100 * line.end) / size));
			progress.show(`${percent} %, ${counted(tally.added + tally.known)}`);
		}
	}
	await takeBatch();
	const { added, known, skipped } = tally;
	progress.clear();
	if (skipped > mostNamed) say(`${skipped - mostNamed} more lines skipped.`);
	const ofWhich = [
		`Imported ${counted(added)}`,
		...(known > 0 ? [`${known} known already`] : []),
		...(skipped > 0 ? [`${skipped === 1 ? "1 line" : `${skipped} lines`} skipped`] : []),
	];
	say(`${ofWhich.join(", ")}.`);
	return skipped > 0 ? 1 : 0;
}

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
