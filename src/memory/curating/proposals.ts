import * as l10n from "@vscode/l10n";
import type { Memory } from "../../store/types.ts";
import { ageOf } from "../../text/wording.ts";
import type { Closeness } from "./closeness.ts";
import { type ComparableText, mayBeParaphrases, relationOf } from "./comparison.ts";
import { byAge, deleting, merging, splitting, superseding } from "./newProposals.ts";
import type { Proposal } from "./reviewQueue.ts";
import { type ReadText, readText, similarPairs, turn } from "./similarPairs.ts";
import { longFrom, partsOf } from "./splitting.ts";

/** Memories that are read or compared before others get their turn. */
const perTurn = 50;
/** The least part of their terms that two texts share which are worth comparing. */
const leastShared = 0.3;
/** From which part on a language model can tell more than words do. */
const leastToAsk = 0.15;
/** From which closeness on texts may say the same. */
const sameMeaning = 0.9;
const month = 30.4375 * 86_400_000;

export interface TidyUpOptions {
	/** ms since 1970 */
	readonly now: number;
	/** After how many months without use a memory of a project that is gone is stale. */
	readonly unusedMonths: number;
	/** Whether the folder of a project is gone. */
	readonly isGone: (project: NonNullable<Memory["project"]>) => Promise<boolean>;
	/** Absent: texts are compared by their words alone. */
	readonly closeness?: Closeness;
	/** How many pairs are wanted of which words do not tell how they relate. Default: none. */
	readonly mostUnsure?: number;
	readonly signal?: AbortSignal | undefined;
}

/** What words and vectors tell, and what they leave open. */
export interface Findings {
	readonly proposals: readonly Proposal[];
	/** Pairs of which words do not tell how they relate; those that share most of them first. */
	readonly unsure: readonly UnsurePair[];
	/** Memories that are better found as several. */
	readonly long: readonly Memory[];
}

export interface UnsurePair {
	readonly older: Memory;
	readonly newer: Memory;
	/** The part of their terms that they share. */
	readonly shared: number;
}

/**
 * Proposes to merge memories that say the same, to let a newer one take the place of one that it contradicts, to delete
 * stale ones, and to split long ones. Changes nothing.
 */
export async function tidyUpProposals(
	memories: readonly Memory[],
	options: TidyUpOptions,
): Promise<Findings> {
	const stale = await staleMemories(memories, options);
	const gone = new Set(stale.flatMap(({ concerns = [] }) => concerns));
	const live = memories.filter(({ id }) => !gone.has(id));
	const compared = await comparedMemories(live, options);
	const long = live.filter(({ text }) => text.length >= longFrom);
	return {
		proposals: [...compared.proposals, ...stale, ...(await splitMemories(long, options))],
		unsure: compared.unsure,
		long,
	};
}

async function comparedMemories(memories: readonly Memory[], options: TidyUpOptions) {
	const { now, mostUnsure = 0 } = options;
	const least = mostUnsure > 0 ? leastToAsk : leastShared;
	const groups = new Groups();
	const contradictions: Proposal[] = [];
	let unsure: UnsurePair[] = [];
	const mostShared = () => unsure.sort((a, b) => b.shared - a.shared).slice(0, mostUnsure);
	for await (const { one, other, relation, shared } of comparedPairs(memories, least, options)) {
		const [older, newer] = byAge(one, other);
		if (relation === "same") groups.join(one, other);
		else if (relation === "contradiction")
			contradictions.push(superseding(older, newer, otherwise(older, newer, now)));
		else if (mostUnsure > 0) unsure.push({ older, newer, shared });
		if (unsure.length > 2 * mostUnsure) unsure = mostShared();
	}
	return {
		proposals: [...groups.all().map((group) => merging(group, same(group.length))), ...contradictions],
		unsure: mostShared(),
	};
}

/** Groups of memories that say the same. */
export async function duplicateGroups(
	memories: readonly Memory[],
	options: Pick<TidyUpOptions, "closeness" | "signal"> = {},
): Promise<readonly (readonly Memory[])[]> {
	const groups = new Groups();
	for await (const { one, other, relation } of comparedPairs(memories, leastShared, options))
		if (relation === "same") groups.join(one, other);
	return groups.all();
}

async function* comparedPairs(
	memories: readonly Memory[],
	least: number,
	{ closeness, signal }: Pick<TidyUpOptions, "closeness" | "signal">,
) {
	const texts: ReadText<Memory>[] = [];
	for (const [index, memory] of memories.entries()) {
		if (index % perTurn === 0) await turn(signal);
		texts.push(readText(memory, memory.text, memory.project?.id ?? ""));
	}
	const relationByMeaning = async (one: ComparableText, other: ComparableText) => {
		if (!closeness || !mayBeParaphrases(one, other)) return undefined;
		return ((await closeness(one.text, other.text)) ?? 0) >= sameMeaning ? "same" : undefined;
	};
	let pairs = 0;
	for await (const { one, other, shared } of similarPairs(texts, least, signal)) {
		if (++pairs % perTurn === 0) await turn(signal);
		const related = shared >= leastShared;
		const relation = related ? (relationOf(one, other) ?? (await relationByMeaning(one, other))) : undefined;
		yield { one: one.item, other: other.item, relation, shared };
	}
}

/** Memories that say the same, directly or by way of others. */
class Groups {
	readonly #of = new Map<string, Memory[]>();

	join(one: Memory, other: Memory): void {
		const [left, right] = [this.#of.get(one.id) ?? [one], this.#of.get(other.id) ?? [other]];
		const all = left === right ? left : [...left, ...right];
		for (const { id } of all) this.#of.set(id, all);
	}

	all(): readonly (readonly Memory[])[] {
		return [...new Set(this.#of.values())];
	}
}

function same(count: number): string {
	return count === 2
		? l10n.t("Two memories say the same. One is kept.")
		: l10n.t`${count} memories say the same. One is kept.`;
}

function otherwise(older: Memory, newer: Memory, now: number): string {
	return l10n.t`A memory saved ${ageOf(newer.createdAt, now)} says otherwise than one saved ${ageOf(older.createdAt, now)}.`;
}

async function staleMemories(memories: readonly Memory[], options: TidyUpOptions) {
	const { now, unusedMonths, isGone, signal } = options;
	const gone = new Map<string, Promise<boolean>>();
	const stale: Proposal[] = [];
	for (const [index, memory] of memories.entries()) {
		if (index % perTurn === 0) await turn(signal);
		const { project, expiresAt, usedAt, createdAt, updatedAt } = memory;
		if (expiresAt !== undefined && expiresAt <= now) {
			stale.push(deleting(memory, l10n.t`It expired ${ageOf(expiresAt, now)}.`));
			continue;
		}
		const last = Math.max(usedAt ?? 0, createdAt, updatedAt);
		if (memory.pinned || !project || now - last < unusedMonths * month) continue;
		const known = gone.get(project.id) ?? isGone(project);
		gone.set(project.id, known);
		if (!(await known)) continue;
		const why = l10n.t`The folder of its project is gone, and it was last used or changed ${ageOf(last, now)}.`;
		stale.push(deleting(memory, why));
	}
	return stale;
}

async function splitMemories(long: readonly Memory[], { signal }: TidyUpOptions) {
	const split: Proposal[] = [];
	for (const memory of long) {
		await turn(signal);
		const parts = partsOf(memory.text);
		if (parts.length === 0) continue;
		split.push(splitting(memory, parts, tooLong(memory, parts)));
	}
	return split;
}

export function tooLong({ text }: Memory, parts: readonly string[]): string {
	return l10n.t`It has ${text.length} characters. Its ${parts.length} parts are found better by themselves.`;
}
