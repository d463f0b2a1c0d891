import { InputError } from "../memory/errors.ts";
import { errorText } from "../memory/errorText.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import { checkedMemory, type ImportRequest } from "../memory/requests.ts";
import { filesOf, type ImportFile } from "../memory/transfer/files.ts";
import { formatIds } from "../memory/transfer/formats/index.ts";
import { readFile } from "../memory/transfer/readFile.ts";
import { sourceKey } from "../memory/transfer/sourceKey.ts";
import type { ImportOptions } from "../memory/transfer/transfer.ts";
import { fingerprint } from "../text/fingerprint.ts";
import { counted } from "../text/wording.ts";
import type { Command, Flags } from "./command.ts";
import { configured, interruptible, projectOf, withMemory } from "./context.ts";
import { ImportReport } from "./importReport.ts";
import { progressLine, say } from "./terminal.ts";

/** Memories per transaction. */
const batchSize = 64;

/**
 * Skips what is not valid and names the first of it by its line; counts known memories, so that an import that was
 * interrupted can be run again. Exit code 1 when anything was skipped.
 */
export const importMemories: Command = {
	name: "import",
	summary: "take in memories of this or another program: files, folders, ZIP archives, or - for stdin",
	operands: {
		label: "PATH…",
		most: Number.POSITIVE_INFINITY,
		missing: "import needs a file or folder: mcp-mem0 import memories.jsonl.",
	},
	flags: [
		{ name: "from", value: "FORMAT", summary: `if it is not recognised: ${formatIds.join(", ")}` },
		{ name: "dry-run", summary: "only tell what would be imported" },
		{ name: "review", summary: "into the review queue, where each waits to be accepted" },
		{
			name: "encoding",
			value: "NAME",
			summary: "of a file that is not Unicode, such as windows-1252",
		},
	],
	run: async (launch, paths, flags) => {
		const context = configured(launch);
		const encoding = encodingFrom(flags);
		const { from } = flags;
		if (from !== undefined && !formatIds.includes(String(from)))
			throw new InputError(
				"from",
				`--from ${JSON.stringify(from)} is not known. It takes ${formatIds.join(", ")}.`,
			);
		if (flags.review && flags["dry-run"])
			throw new InputError("command line", "import takes one of --review and --dry-run.");
		const into = flags.review ? "review" : flags["dry-run"] ? "preview" : "add";
		const project = await projectOf(process.cwd());
		const options = { project, projectOf, encoding, from: typeof from === "string" ? from : undefined };
		return withMemory(context, (memory) =>
			interruptible(async (signal) => {
				const progress = progressLine();
				const report = new ImportReport((text) => {
					progress.clear();
					say(text);
				}, into);
				const exactly = into === "add" && (await memory.transfer.isEmpty());
				const batch = new Batch(memory, report, { into, exactly });
				const isOne = paths.length === 1;
				for (const path of paths) {
					const before = report.files;
					for await (const file of filesOf(path, (name, why) => report.skipFile(name, why))) {
						report.file = isOne && file.isNamed ? undefined : file.name;
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
							"no memories are recognised in it. Name a file by itself, or its format with --from.",
						);
				}
				if (!signal.aborted) await batch.take();
				report.finish();
				if (signal.aborted) say("Cancelled. Run it again to go on.");
				return report.isClean && !signal.aborted ? 0 : 1;

				async function importFile(file: ImportFile): Promise<void> {
					const readable = await readFile(file, options);
					if (!readable) return;
					report.files += 1;
					if (readable.layout === "text") say("This is plain text: each line becomes a memory.");
					if (readable.format) report.format(readable.format);
					for await (const { line, end, requests, remarks, problem } of readable.pieces) {
						signal.throwIfAborted();
						if (problem) report.skip(line, problem.field, problem.message);
						for (const remark of remarks) report.remark(line, remark);
						try {
							for (const request of requests) checkedMemory(context.config.userId, request);
							for (const request of requests) batch.add(line, request);
						} catch (error) {
							if (!(error instanceof InputError)) throw error;
							report.skip(line, error.field, error.message);
						}
						if (batch.size < batchSize) continue;
						await batch.take();
						const percent = Math.min(100, Math.floor((100 * end) / Math.max(1, file.size)));
						progress.show(`${percent} %, ${counted(report.taken)}`);
					}
				}
			}),
		);
	},
};

interface BatchItem {
	readonly line: number;
	readonly file: string | undefined;
	readonly request: ImportRequest;
}

/** Memories that go into one transaction. */
class Batch {
	readonly #memory: MemoryService;
	readonly #report: ImportReport;
	readonly #options: ImportOptions;
	/** Ids of earlier imports, and of this one. */
	#known: Set<string> | undefined;
	/** What a preview has counted. */
	readonly #seen = new Set<string>();
	#items: BatchItem[] = [];

	constructor(memory: MemoryService, report: ImportReport, options: ImportOptions) {
		this.#memory = memory;
		this.#report = report;
		this.#options = options;
	}

	get size(): number {
		return this.#items.length;
	}

	add(line: number, request: ImportRequest): void {
		this.#items.push({ line, file: this.#report.file, request });
	}

	async take(): Promise<void> {
		const items = await this.#unknown(this.#items);
		this.#items = [];
		if (items.length === 0) return;
		try {
			await this.#take(items);
		} catch (failure) {
			// The fault may be in one of them. If none can be stored, it is not.
			let failed = 0;
			for (const item of items)
				await this.#take([item]).catch((error: unknown) => {
					failed += 1;
					this.#report.file = item.file;
					this.#report.skip(item.line, "stored", errorText(error));
				});
			if (failed === items.length) throw failure;
		}
	}

	async #take(items: readonly BatchItem[]): Promise<void> {
		const outcomes = await this.#memory.transfer.importAll(
			items.map(({ request }) => request),
			this.#options,
		);
		for (const [index, { line, file, request }] of items.entries()) {
			const { event = "ADD", isRedacted = false } = outcomes[index] ?? {};
			const key = `${request.project?.id ?? ""} ${fingerprint(String(request.text))}`;
			const isSeen = this.#options.into === "preview" && this.#seen.has(key);
			this.#seen.add(key);
			this.#report.file = file;
			this.#report.outcome(line, isSeen ? "DUPLICATE" : event, request, isRedacted);
		}
	}

	/** Without those of another program that were imported before, whatever has become of their text since. */
	async #unknown(items: readonly BatchItem[]): Promise<readonly BatchItem[]> {
		const left: BatchItem[] = [];
		for (const item of items) {
			const key = sourceKey(item.request.metadata);
			if (key !== undefined) {
				this.#known ??= await this.#memory.transfer.sourceIds();
				if (this.#known.has(key)) {
					this.#report.outcome(item.line, "DUPLICATE", item.request, false);
					continue;
				}
				this.#known.add(key);
			}
			left.push(item);
		}
		return left;
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
