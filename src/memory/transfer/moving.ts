import { type CopiedRow, type Copying, type RowKind, rowKinds, type Taken } from "../../store/copying.ts";

/** Rows in one transaction: some megabytes where vectors are long. */
const batchSize = 100;
/** While others go on writing, it is never quite done. */
const mostPasses = 5;

export interface Moving {
	readonly from: Copying;
	/** Undefined: there is nothing yet, which a trial does not change. */
	readonly to: Copying | undefined;
	/** Tells what would be copied, and writes nothing. */
	readonly trial: boolean;
	/** Stops between two batches. Another run goes on. */
	readonly signal: AbortSignal;
	readonly progress: (pass: number, done: number, total: number) => void;
}

export interface Moved {
	/** Rows of the source by kind, as the last pass read them, and what became of them in all passes. */
	readonly rows: Readonly<Record<RowKind, { readonly read: number } & Readonly<Record<Taken, number>>>>;
	/** Live memories of the source, as the last pass read them; of how many users. */
	readonly memories: number;
	readonly users: number;
	/** Whether the last pass compared every row, and found nothing left to copy. */
	readonly isComplete: boolean;
	/** The ids of some memories that are others there. */
	readonly kept: readonly string[];
}

const mostKept = 10;

/**
 * Copies a whole store into another: pass by pass, until one finds that every row is there as it is here. That pass is the
 * comparison; those before it after the first catch up with what was saved meanwhile.
 */
export async function moveStore({ from, to, trial, signal, progress }: Moving): Promise<Moved> {
	const total = await from.count("memories");
	const counts = Object.fromEntries(
		rowKinds.map((kind) => [kind, { read: 0, added: 0, updated: 0, same: 0, kept: 0 }]),
	) as Record<RowKind, { read: number } & Record<Taken, number>>;
	const passes = trial ? 1 : mostPasses;
	let users = new Set<string>();
	let memories = 0;
	let kept: string[] = [];
	for (let pass = 1; pass <= passes; pass += 1) {
		let written = 0;
		users = new Set();
		memories = 0;
		kept = [];
		for (const kind of rowKinds) {
			const count = counts[kind];
			Object.assign(count, { read: 0, same: 0, kept: 0 });
			for await (const rows of pages(from, kind)) {
				if (signal.aborted) return { rows: counts, memories, users: users.size, isComplete: false, kept };
				const taken = to ? await to.take(kind, rows, trial) : rows.map((): Taken => "added");
				count.read += rows.length;
				for (const [index, each] of taken.entries()) {
					count[each] += 1;
					if (each === "added" || each === "updated") written += 1;
					if (each === "kept" && kind === "memories" && kept.length < mostKept)
						kept.push(String(rows[index]?.id));
				}
				if (kind !== "memories") continue;
				for (const { user_id } of rows) users.add(String(user_id));
				memories += rows.filter(({ deleted_at }) => deleted_at === null).length;
				progress(pass, count.read, total);
			}
		}
		if (written === 0 || trial) return { rows: counts, memories, users: users.size, isComplete: true, kept };
	}
	return { rows: counts, memories, users: users.size, isComplete: false, kept };
}

async function* pages(from: Copying, kind: RowKind): AsyncGenerator<readonly CopiedRow[]> {
	let after: string | undefined;
	do {
		const page = await from.read(kind, batchSize, after);
		if (page.rows.length > 0) yield page.rows;
		after = page.next;
	} while (after !== undefined);
}
