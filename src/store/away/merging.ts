import type { Counts, GroupPage, ListOrder, Page, Position } from "../lists.ts";
import type { Candidates, StoredMemory, TermStatistics } from "../types.ts";
import { fromHere, numberFromHere, positionFromHere } from "./numbering.ts";

/*
 * What the database says, with what waits on this machine.
 */

export function mergedStatistics(there: TermStatistics, here: TermStatistics): TermStatistics {
	const documentsWith = new Map(there.documentsWith);
	for (const [term, n] of here.documentsWith) documentsWith.set(term, (documentsWith.get(term) ?? 0) + n);
	return { documents: there.documents + here.documents, documentsWith };
}

/** Also of what was delivered between the two answers, there is one. */
function notHere(here: { readonly memories: readonly StoredMemory[] }, waiting: ReadonlySet<string>) {
	const found = new Set(here.memories.map(({ id }) => id));
	return ({ id }: StoredMemory) => !waiting.has(id) && !found.has(id);
}

/** The candidates of this machine, as callers see them. */
export function poolFromHere({ statistics, memories, cosines, before, words }: Candidates): Candidates {
	const renumbered = <T>(map: ReadonlyMap<number, T>) =>
		new Map([...map].map(([seq, value]) => [numberFromHere(seq), value]));
	return {
		statistics,
		memories: memories.map(fromHere),
		cosines: cosines && renumbered(cosines),
		before: new Map([...before].map(([seq, other]) => [numberFromHere(seq), numberFromHere(other)])),
		words: renumbered(words),
	};
}

/** @param waiting memories that are others here than in the database. */
export function mergedPools(there: Candidates, here: Candidates, waiting: ReadonlySet<string>): Candidates {
	const current = there.memories.filter(notHere(here, waiting));
	const seqs = new Set(current.map(({ seq }) => seq));
	const known = <T>(map: ReadonlyMap<number, T>) => [...map].filter(([seq]) => seqs.has(seq));
	const { memories, cosines, before, words } = poolFromHere(here);
	return {
		statistics: mergedStatistics(there.statistics, here.statistics),
		memories: [...current, ...memories],
		cosines: there.cosines && new Map([...known(there.cosines), ...(cosines ?? [])]),
		before: new Map([...known(there.before).filter(([, other]) => seqs.has(other)), ...before]),
		words: new Map([...known(there.words), ...words]),
	};
}

/** A page of this machine, as callers see it. */
export function pageFromHere(page: Page): Page {
	const { memories, total, next } = page;
	return { memories: memories.map(fromHere), total, ...(next ? { next: positionFromHere(next) } : {}) };
}

/**
 * @param order of both pages.
 * @param waiting memories that are others here than in the database.
 */
export function mergedPages(
	there: Page,
	here: Page,
	order: ListOrder,
	limit: number,
	waiting: ReadonlySet<string>,
): Page {
	const own = pageFromHere(here);
	const compare = byPosition(order);
	const listed = [...there.memories.filter(notHere(here, waiting)), ...own.memories]
		.map((memory) => ({ memory, at: { key: keyOf(memory, order), seq: memory.seq } }))
		.sort((one, other) => compare(one.at, other.at));
	// What follows the end of either page may come after what that page has not told yet.
	const ends = [there.next, own.next].filter((each) => each !== undefined).sort(compare);
	const [end] = ends;
	const told = end ? listed.filter(({ at }) => compare(at, end) <= 0) : listed;
	const shown = told.slice(0, limit);
	const next = told.length > limit ? shown.at(-1)?.at : end;
	return {
		memories: shown.map(({ memory }) => memory),
		total: there.total + own.total,
		...(next ? { next } : {}),
	};
}

function byPosition(order: ListOrder) {
	const sign = order === "oldest" || order === "unused" ? 1 : -1;
	return (one: Position, other: Position) => sign * (one.key - other.key || one.seq - other.seq);
}

function keyOf({ createdAt, uses = 0, usedAt = createdAt }: StoredMemory, order: ListOrder): number {
	if (order === "mostUsed") return uses;
	return order === "unused" ? usedAt : createdAt;
}

export function mergedCounts(there: Counts, here: Counts): Counts {
	return {
		all: there.all + here.all,
		global: there.global + here.global,
		project: there.project + here.project,
	};
}

/** Groups that only this machine has come first. */
export function mergedGroups(there: GroupPage, here: GroupPage): GroupPage {
	const known = new Set(there.groups.map(({ key }) => key));
	return { ...there, groups: [...here.groups.filter(({ key }) => !known.has(key)), ...there.groups] };
}
