import { fingerprint } from "../../text/fingerprint.ts";
import { errorText } from "../errorText.ts";
import type { ImportRequest } from "../requests.ts";
import type { UserMemory } from "../userMemory.ts";
import type { ImportReport } from "./importReport.ts";
import { sourceKey } from "./sourceKey.ts";
import type { ImportOptions } from "./transfer.ts";

/** Memories per transaction. */
const batchSize = 64;

interface BatchItem {
	readonly line: number;
	readonly file: string | undefined;
	readonly request: ImportRequest;
}

/** Memories that go into one transaction. */
export class Batch {
	readonly #memory: Pick<UserMemory, "transfer">;
	readonly #report: ImportReport;
	readonly #options: ImportOptions;
	/** Ids of earlier imports, and of this one. */
	#known: Set<string> | undefined;
	/** What a preview has counted. */
	readonly #seen = new Set<string>();
	#items: BatchItem[] = [];

	constructor(memory: Pick<UserMemory, "transfer">, report: ImportReport, options: ImportOptions) {
		this.#memory = memory;
		this.#report = report;
		this.#options = options;
	}

	get isFull(): boolean {
		return this.#items.length >= batchSize;
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
