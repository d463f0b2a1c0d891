import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";

/*
 * A whole store as rows, which another store takes over: of all users, with everything that would be missed. Columns are
 * named as in the databases; what only one of them knows, such as row numbers, is not in it.
 */

export type CopiedValue =
	| string
	| number
	| null
	| readonly CopiedValue[]
	| { readonly [name: string]: CopiedValue };

/** Bytes, and the float32 numbers of a vector, are base64. */
export type CopiedRow = { readonly [column: string]: CopiedValue };

/** In the order in which they are copied: later ones refer to earlier ones. */
export const rowKinds = [
	"memories",
	"spaceUses",
	"saves",
	"candidates",
	"keptVectors",
	"clients",
	"uses",
	"traffic",
] as const;
export type RowKind = (typeof rowKinds)[number];

export interface RowPage {
	readonly rows: readonly CopiedRow[];
	/** Where the next page begins; absent on the last one. */
	readonly next?: string;
}

/**
 * - `updated`: it was there, and lacked something or was older.
 * - `same`: nothing was to be done.
 * - `kept`: it is another there, and not an older one. It stays as it is.
 */
export type Taken = "added" | "updated" | "same" | "kept";

export interface Copying {
	/** A page of rows, in the order in which they came about where that matters. */
	read(kind: RowKind, limit: number, after?: string): Promise<RowPage>;
	/**
	 * Takes rows over in one transaction: what is missing, and what has been changed there later than here. Taking them a
	 * second time changes nothing.
	 * @param trial tells what would become of them, and writes nothing.
	 */
	take(kind: RowKind, rows: readonly CopiedRow[], trial?: boolean): Promise<readonly Taken[]>;
	count(kind: RowKind): Promise<number>;
}

export interface CopiedTable {
	readonly table: string;
	/** The columns by which pages are read. */
	readonly order: readonly string[];
	/** The columns that tell a row from others. */
	readonly key: readonly string[];
	/** Columns that are not copied. */
	readonly own: readonly string[];
}

export const copiedTables = {
	memories: {
		table: "memories",
		order: ["seq"],
		key: ["id"],
		own: ["seq", "revision", "spaces"],
	},
	spaceUses: { table: "space_users", order: ["space", "user_id"], key: ["space", "user_id"], own: [] },
	// Those who work on a save now do so in the other database.
	saves: { table: "journal", order: ["id"], key: ["id"], own: ["claimed_by", "claimed_until"] },
	candidates: { table: "candidates", order: ["seq"], key: ["user_id", "key"], own: ["seq"] },
	keptVectors: { table: "kept_vectors", order: ["space", "hash"], key: ["space", "hash"], own: [] },
	clients: { table: "clients", order: ["user_id", "client"], key: ["user_id", "client"], own: [] },
	uses: { table: "uses", order: ["id"], key: ["user_id", "at", "client", "what"], own: ["id"] },
	traffic: { table: "traffic", order: ["day", "role", "host"], key: ["day", "role", "host"], own: [] },
} as const satisfies Readonly<Record<RowKind, CopiedTable>>;

/** What becomes of a row, and how it is written. */
export interface Merged {
	readonly taken: Taken;
	/** Absent: nothing is written. */
	readonly row?: CopiedRow;
}

/** @param here the row that is there already. */
export function merge(kind: RowKind, row: CopiedRow, here: CopiedRow | undefined): Merged {
	if (!here) return { taken: "added", row };
	const { merged, isKept = false } = mergers[kind](row, here);
	if (!isSame(merged, here)) return { taken: "updated", row: merged };
	return { taken: isKept ? "kept" : "same" };
}

type Merger = (row: CopiedRow, here: CopiedRow) => { readonly merged: CopiedRow; readonly isKept?: boolean };

/** The larger of two numbers, column by column. */
const greatest: Merger = (row, here) => ({
	merged: Object.fromEntries(
		Object.entries(here).map(([name, value]) => {
			const other = row[name];
			return [name, typeof other === "number" && (value === null || other > Number(value)) ? other : value];
		}),
	),
});
const asItIs: Merger = (_, here) => ({ merged: here });

const mergers: Readonly<Record<RowKind, Merger>> = {
	memories: mergeMemory,
	spaceUses: (row, here) => ({
		merged: { ...here, reembed: Math.max(Number(row.reembed), Number(here.reembed)) },
	}),
	saves: (row, here) => ({
		merged: row.user_id === here.user_id && progressOf(row) > progressOf(here) ? row : here,
	}),
	candidates: (row, here) => ({ merged: here.outcome === null && row.outcome !== null ? row : here }),
	keptVectors: asItIs,
	clients: greatest,
	uses: asItIs,
	traffic: greatest,
};

/** How far a save has come. */
function progressOf({ done_at, distil }: CopiedRow): number {
	if (done_at === null) return 0;
	return distil === "pending" ? 1 : distil === "given-up" ? 2 : 3;
}

/** The one that was changed last, with the vectors and names that either has for its text. */
function mergeMemory(row: CopiedRow, here: CopiedRow) {
	if (row.user_id !== here.user_id) return { merged: here, isKept: true };
	const [core, other] = lastChange(row) > lastChange(here) ? [row, here] : [here, row];
	const isSameText = row.text === here.text;
	const vectors = new Map((isSameText ? listOf(other.vectors) : []).map((each) => [each.space, each]));
	for (const each of listOf(core.vectors)) vectors.set(each.space, each);
	const takesLinks = isSameText && core.unlinked === 1 && other.unlinked === 0;
	const used = greatest(other, { uses: core.uses ?? 0, used_at: core.used_at ?? null }).merged;
	const merged = {
		...core,
		...used,
		vectors: inOrder([...vectors.values()], "space"),
		...(takesLinks ? { unlinked: 0, entities: other.entities ?? [] } : {}),
	};
	const isKept = core === here && !isSame(stateOf(row), stateOf(here));
	return { merged, isKept };
}

/** What a person sees of a memory. */
function stateOf({
	uses,
	used_at,
	vectors,
	entities,
	unlinked,
	meant_for,
	save_id,
	...state
}: CopiedRow): CopiedRow {
	return state;
}

function lastChange({ updated_at, deleted_at, history }: CopiedRow): number {
	return Math.max(
		Number(updated_at),
		Number(deleted_at ?? 0),
		...listOf(history).map(({ at }) => Number(at)),
	);
}

export function listOf(value: CopiedValue | undefined): readonly CopiedRow[] {
	return (value ?? []) as readonly CopiedRow[];
}

export function inOrder(rows: readonly CopiedRow[], by: string): readonly CopiedRow[] {
	const text = (row: CopiedRow) => String(row[by]);
	return rows.toSorted((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}

/** Whether two rows have the same values in the columns of the second. */
function isSame(one: CopiedRow, other: CopiedRow): boolean {
	return Object.keys(other).every((name) => canonical(one[name] ?? null) === canonical(other[name] ?? null));
}

function canonical(value: CopiedValue): string {
	return JSON.stringify(value, (_, each: unknown) =>
		typeof each === "object" && each !== null && !Array.isArray(each)
			? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
			: each,
	);
}

/** A row of `spaces`. */
export interface SpaceColumns {
	readonly provider: string;
	readonly origin: string;
	readonly model: string;
	readonly dimensions: number;
	readonly prefixes: string;
}

/** An embedding space as one value, the same in every store. */
export function spaceText({ provider, origin, model, dimensions, prefixes }: SpaceColumns): string {
	return JSON.stringify([provider, origin, model, dimensions, prefixes]);
}

export function readSpace(text: CopiedValue | undefined): EmbeddingSpace {
	const [provider, origin, model, dimensions, prefixes] = JSON.parse(String(text)) as [
		string,
		string,
		string,
		number,
		string,
	];
	return { provider, origin, model, dimensions, prefixes };
}
