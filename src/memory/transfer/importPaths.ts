import { InputError } from "../errors.ts";
import { checkedMemory } from "../requests.ts";
import type { UserMemory } from "../userMemory.ts";
import { filesOf, type ImportFile } from "./files.ts";
import { markdown } from "./formats/instructions.ts";
import { Batch } from "./importBatch.ts";
import type { ImportReport } from "./importReport.ts";
import { type ReadOptions, readFile } from "./readFile.ts";
import type { ImportOptions } from "./transfer.ts";

export interface Importing {
	readonly memory: Pick<UserMemory, "transfer" | "backups" | "userId">;
	/** Files, folders, archives, or `-`. */
	readonly paths: readonly string[];
	/** Gets what becomes of each piece. */
	readonly report: ImportReport;
	readonly into: NonNullable<ImportOptions["into"]>;
	readonly options: ReadOptions;
	/** Stops between two pieces. What was taken in until then stays; an import that is run again adds the rest. */
	readonly signal: AbortSignal;
	/** Of the file that is read. */
	readonly progress: (percent: number) => void;
}

/**
 * Takes memories in from files, after a backup. What is not valid is skipped and told.
 * @throws InputError if the only path that was named cannot be read.
 */
export async function importPaths(importing: Importing): Promise<void> {
	const { memory, paths, report, into, options, signal, progress } = importing;
	const exactly = into === "add" && (await memory.transfer.isEmpty());
	if (into === "add" && !exactly) await memory.backups.before("import");
	const batch = new Batch(memory, report, { into, exactly });
	const isOne = paths.length === 1;
	for (const path of paths) {
		if (signal.aborted) break;
		const before = report.files;
		let pages = 0;
		for await (const file of filesOf(path, (name, why) => report.skipFile(name, why))) {
			report.file = isOne && file.isNamed ? undefined : file.name;
			if (markdown.isFormat({ name: file.name, text: "" })) pages += 1;
			await importFile(file).catch((error: unknown) => {
				if (signal.aborted) return;
				if (!(error instanceof InputError)) throw error;
				if (isOne && file.isNamed)
					throw new InputError("file", `${file.name} ${error.message.replace(/^it /, "")}`);
				report.skipFile(file.name, error.message);
			});
		}
		if (report.files === before)
			report.skipFile(
				path,
				pages > 0
					? "it has Markdown files, but none that a memory has written. To take in every one: --from markdown."
					: "no memories are recognised in it. Name a file by itself, or its format with --from.",
			);
	}
	if (!signal.aborted) await batch.take();
	report.finish();

	async function importFile(file: ImportFile): Promise<void> {
		const readable = await readFile(file, options);
		if (!readable) return;
		report.files += 1;
		if (readable.layout === "text") report.plainText();
		if (readable.format) report.format(readable.format);
		for await (const { line, end, requests, remarks, problem } of readable.pieces) {
			signal.throwIfAborted();
			if (problem) report.skip(line, problem.field, problem.message);
			for (const remark of remarks) report.remark(line, remark);
			try {
				for (const request of requests) checkedMemory(memory.userId, request);
				for (const request of requests) batch.add(line, request);
			} catch (error) {
				if (!(error instanceof InputError)) throw error;
				report.skip(line, error.field, error.message);
			}
			if (!batch.isFull) continue;
			await batch.take();
			progress(Math.min(100, Math.floor((100 * end) / Math.max(1, file.size))));
		}
	}
}
