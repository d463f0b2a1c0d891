import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError } from "../memory/errors.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import { checkedMemory, type ImportRequest } from "../memory/requests.ts";
import { piecesOf, recognise } from "../memory/transfer/format.ts";
import { headOf } from "../memory/transfer/head.ts";
import type { Piece, PieceProblem } from "../memory/transfer/pieces.ts";
import { readPiece } from "../memory/transfer/readPiece.ts";
import type { ReadRecord } from "../memory/transfer/record.ts";
import { counted } from "../text/wording.ts";
import type { Command, Flags } from "./command.ts";
import { configured, projectOf, withMemory } from "./context.ts";
import { ImportReport } from "./importReport.ts";
import { progressLine, say } from "./terminal.ts";

/** Memories per transaction. */
const batchSize = 64;
/** Bytes. The longest text and metadata have half as much, with every character escaped. */
const longestPiece = 1_000_000;

/**
 * Skips what is not valid and names the first of it by its line; counts known memories, so that an import that was
 * interrupted can be run again. Exit code 1 when anything was skipped.
 */
export const importMemories: Command = {
	name: "import",
	summary: 'take in memories: JSON such as {"text", "createdAt"?, "metadata"?}, or a fact a line',
	operands: {
		label: "FILE",
		most: 1,
		missing: "import needs a file: mcp-mem0 import memories.jsonl.",
	},
	flags: [
		{
			name: "encoding",
			value: "NAME",
			summary: "of a file that is not Unicode, such as windows-1252",
		},
	],
	run: async (launch, [file = ""], flags) => {
		const context = configured(launch);
		const named = encodingFrom(flags);
		const path = resolve(file);
		const handle = await openFile(path);
		try {
			const { size } = await handle.stat();
			const { head, isWhole, chunks } = await headOf(
				handle.createReadStream({ autoClose: false }),
				longestPiece,
			);
			const format = await recognise(head, isWhole, named);
			if ("foreign" in format)
				throw new InputError("file", `${path} is ${format.foreign.name}. ${format.foreign.advice}`);
			if (format.layout === "text") say("This is plain text: each line becomes a memory.");
			const project = await projectOf(process.cwd());
			const pieces = piecesOf(chunks, format, longestPiece);
			return await withMemory(context, (memory) =>
				importPieces(pieces, size, memory, (piece) => {
					if (piece.problem) throw inWords(piece.problem, format.encoding);
					const read = readPiece(piece, format.layout, project);
					for (const request of read.requests) checkedMemory(context.config.userId, request);
					return read;
				}),
			);
		} finally {
			await handle.close();
		}
	},
};

/** @param read throws what is wrong with a piece. */
async function importPieces(
	pieces: AsyncIterable<Piece>,
	size: number,
	memory: MemoryService,
	read: (piece: Piece) => ReadRecord,
): Promise<number> {
	const progress = progressLine();
	const report = new ImportReport((text) => {
		progress.clear();
		say(text);
	});
	let batch: { readonly line: number; readonly request: ImportRequest }[] = [];
	const take = async (requests: readonly ImportRequest[]) => {
		for (const event of await memory.importAll(requests)) report[event === "ADD" ? "added" : "known"] += 1;
	};
	const takeBatch = async () => {
		const taken = batch;
		batch = [];
		if (taken.length === 0) return;
		try {
			await take(taken.map(({ request }) => request));
		} catch (failure) {
			// The fault may be in one of them. If none can be stored, it is not.
			let failed = 0;
			for (const { line, request } of taken)
				await take([request]).catch((error: unknown) => {
					failed += 1;
					report.skip(line, "stored", error instanceof Error ? error.message : String(error));
				});
			if (failed === taken.length) throw failure;
		}
	};
	for await (const piece of pieces) {
		const { line, outside, text, end } = piece;
		if (outside !== undefined) report.remark(line, { kind: "dropped", field: outside });
		else if (text?.trim() !== "")
			try {
				const { requests, remarks } = read(piece);
				batch.push(...requests.map((request) => ({ line, request })));
				for (const remark of remarks) report.remark(line, remark);
			} catch (error) {
				if (!(error instanceof InputError)) throw error;
				report.skip(line, error.field, error.message);
			}
		if (batch.length >= batchSize) {
			await takeBatch();
			const percent = Math.min(100, Math.floor((100 * end) / Math.max(1, size)));
			progress.show(`${percent} %, ${counted(report.added + report.known)}`);
		}
	}
	await takeBatch();
	report.finish();
	return report.skipped > 0 ? 1 : 0;
}

function inWords(problem: PieceProblem, encoding: string): InputError {
	switch (problem.kind) {
		case "too-long":
			return new InputError("length", `it is longer than ${problem.longest} bytes.`);
		case "cut-off":
			return new InputError(
				"file",
				"the JSON document ends in the middle. Check that the export was finished.",
			);
		case "not-utf-8": {
			const byte = `0x${problem.byte.toString(16).toUpperCase().padStart(2, "0")}`;
			const why =
				encoding === "utf-8"
					? `its byte ${problem.at} (${byte}) is not UTF-8. If the file is in Windows-1252 or Latin-1, import it again with --encoding windows-1252.`
					: `it is not valid in ${encoding}.`;
			return new InputError("encoding", why);
		}
	}
}

/** @throws InputError for a name that is unknown. */
function encodingFrom({ encoding }: Flags): string | undefined {
	if (typeof encoding !== "string") return undefined;
	try {
		return new TextDecoder(encoding).encoding;
	} catch {
		throw new InputError(
			"encoding",
			`--encoding ${JSON.stringify(encoding)} is not known. It takes names such as utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis or gb18030.`,
		);
	}
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
