import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError } from "../memory/errors.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import { checkedMemory, type ImportRequest } from "../memory/requests.ts";
import type { Project } from "../store/types.ts";
import { counted } from "../text/wording.ts";
import type { CliContext } from "./context.ts";
import { progressLine } from "./progressLine.ts";

/** Lines taken in by one transaction. */
const batchSize = 64;

/**
 * Takes in a file of JSON lines. A line that is not valid is named by its number and skipped, the others are kept;
 * lines that are known already are counted, so that an import that was cut off can simply be run again.
 * Exit code 1 when lines were skipped.
 */
export async function importMemories(context: CliContext, file: string): Promise<number> {
	const path = resolve(file);
	const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
		throw new InputError("file", `${path} cannot be read (${error.message}). Check the path.`);
	});
	if ((await handle.stat()).isDirectory()) {
		await handle.close();
		throw new InputError("file", `${path} cannot be read (it is a folder). Check the path.`);
	}
	const project = await context.projectOf(process.cwd());
	const memory = await context.openMemory();
	try {
		const size = (await handle.stat()).size;
		const tally = { added: 0, known: 0, skipped: 0 };
		const progress = progressReport(size);
		let batch: ImportRequest[] = [];
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
				process.stderr.write(
					`${progress.clear()}Line ${number} skipped: ${error instanceof Error ? error.message : String(error)}\n`,
				);
			}
			if (batch.length === batchSize) {
				await take(memory, batch, tally);
				batch = [];
				progress.show(bytes, tally.added + tally.known);
			}
		}
		await take(memory, batch, tally);
		const known = tally.known > 0 ? `, ${tally.known} known already` : "";
		const skipped =
			tally.skipped > 0 ? `, ${tally.skipped} ${tally.skipped === 1 ? "line" : "lines"} skipped` : "";
		process.stderr.write(`${progress.clear()}Imported ${counted(tally.added)}${known}${skipped}.\n`);
		return tally.skipped > 0 ? 1 : 0;
	} finally {
		await handle.close();
		await memory.dispose();
	}
}

async function take(
	memory: MemoryService,
	batch: readonly ImportRequest[],
	tally: { added: number; known: number },
): Promise<void> {
	if (batch.length === 0) return;
	for (const event of await memory.importAll(batch)) {
		if (event === "ADD") tally.added += 1;
		else tally.known += 1;
	}
}

/** @throws Error that says what is wrong with the line. */
export function parseLine(line: string, current: Project | undefined): ImportRequest {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (error) {
		throw new InputError(
			"line",
			`it is not JSON (${error instanceof Error ? error.message : String(error)}).`,
		);
	}
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		throw new InputError("line", 'it is not a JSON object such as {"text": "…"}.');
	}
	const { text, scope, createdAt, conversation, metadata, project } = value as Record<string, unknown>;
	if (conversation !== undefined && conversation !== null && typeof conversation !== "string") {
		throw new InputError("conversation", "conversation is not a string.");
	}
	return {
		text,
		scope: scope ?? undefined,
		createdAt,
		metadata,
		project: scope === "project" ? (projectFrom(project) ?? current) : undefined,
		conversationId: conversation || undefined,
	};
}

function projectFrom(value: unknown): Project | undefined {
	if (value === undefined || value === null) return undefined;
	const { id, name } = value as Record<string, unknown>;
	if (typeof id === "string" && id !== "")
		return { id, name: typeof name === "string" && name !== "" ? name : id };
	throw new InputError(
		"project",
		'project is not an object such as {"id": "github.com/owner/repository", "name": "repository"}.',
	);
}

function progressReport(size: number) {
	const line = progressLine();
	return {
		show(bytes: number, done: number): void {
			const percent = size === 0 ? 100 : Math.min(100, Math.floor((100 * bytes) / size));
			line.show(`${percent} %, ${counted(done)}`);
		},
		clear: line.clear,
	};
}
