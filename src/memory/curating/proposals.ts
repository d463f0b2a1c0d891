import * as l10n from "@vscode/l10n";
import type { Memory } from "../../store/types.ts";
import { ageOf } from "../../text/wording.ts";
import type { Closeness } from "./closeness.ts";
import { type ComparableText, mayBeParaphrases, relationOf } from "./comparison.ts";
import type { Proposal } from "./reviewQueue.ts";
import { type ReadText, readText, similarPairs, turn } from "./similarPairs.ts";
import { joinParts, longFrom, partsOf } from "./splitting.ts";

/**
 * What accepting a proposal does to the memories that it concerns.
 * - `merge`: the first gets the proposal's text, the others are deleted.
 * - `supersede`: the second takes the place of the first, which stays in the history.
 * - `delete`: they are deleted.
 * - `split`: the parts of the proposal's text take the place of the first.
 */
export type TidyAction = "merge" | "supersede" | "delete" | "split";

/** Memories that are read or compared before others get their turn. */
const perTurn = 50;
/** The least part of their terms that two texts share which are worth comparing. */
const leastShared = 0.3;
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
	readonly signal?: AbortSignal | undefined;
}

/**
 * Proposes to merge memories that say the same, to let a newer one take the place of one that it contradicts, to delete
 * stale ones, and to split long ones. Changes nothing.
 */
export async function tidyUpProposals(
	memories: readonly Memory[],
	options: TidyUpOptions,
): Promise<readonly Proposal[]> {
	const stale = await staleMemories(memories, options);
	const gone = new Set(stale.flatMap(({ concerns = [] }) => concerns));
	const live = memories.filter(({ id }) => !gone.has(id));
	const compared = await comparedMemories(live, options);
	return [...compared, ...stale, ...(await longMemories(live, options))];
}

async function comparedMemories(memories: readonly Memory[], options: TidyUpOptions) {
	const groups = new Groups();
	const contradictions: Proposal[] = [];
	for await (const { one, other, relation } of relatedPairs(memories, options))
		if (relation === "same") groups.join(one, other);
		else contradictions.push(superseding(one, other, options));
	return [...groups.all().map(merging), ...contradictions];
}

/** Groups of memories that say the same. */
export async function duplicateGroups(
	memories: readonly Memory[],
	options: Pick<TidyUpOptions, "closeness" | "signal"> = {},
): Promise<readonly (readonly Memory[])[]> {
	const groups = new Groups();
	for await (const { one, other, relation } of relatedPairs(memories, options))
		if (relation === "same") groups.join(one, other);
	return groups.all();
}

async function* relatedPairs(
	memories: readonly Memory[],
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
	for (const [index, { one, other }] of (await similarPairs(texts, leastShared, signal)).entries()) {
		if (index % perTurn === 0) await turn(signal);
		const relation = relationOf(one, other) ?? (await relationByMeaning(one, other));
		if (relation) yield { one: one.item, other: other.item, relation };
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

function merging(group: readonly Memory[]): Proposal {
	// The one that says most; of equals, the pinned and then the newest.
	const [kept, ...others] = group.toSorted(
		(a, b) =>
			b.text.length - a.text.length ||
			Number(b.pinned ?? false) - Number(a.pinned ?? false) ||
			b.createdAt - a.createdAt,
	) as [Memory, ...Memory[]];
	const why =
		group.length === 2
			? l10n.t("Two memories say the same. One is kept.")
			: l10n.t`${group.length} memories say the same. One is kept.`;
	return proposal("merge", kept, [kept, ...others], why);
}

function superseding(one: Memory, other: Memory, { now }: TidyUpOptions): Proposal {
	const [older, newer] = one.createdAt <= other.createdAt ? [one, other] : [other, one];
	const why = l10n.t`A memory saved ${ageOf(newer.createdAt, now)} says otherwise than one saved ${ageOf(older.createdAt, now)}.`;
	return proposal("supersede", newer, [older, newer], why);
}

async function staleMemories(memories: readonly Memory[], options: TidyUpOptions) {
	const { now, unusedMonths, isGone, signal } = options;
	const gone = new Map<string, Promise<boolean>>();
	const stale: Proposal[] = [];
	for (const [index, memory] of memories.entries()) {
		if (index % perTurn === 0) await turn(signal);
		const { project, expiresAt, usedAt, createdAt, updatedAt } = memory;
		if (expiresAt !== undefined && expiresAt <= now) {
			stale.push(proposal("delete", memory, [memory], l10n.t`It expired ${ageOf(expiresAt, now)}.`));
			continue;
		}
		const last = Math.max(usedAt ?? 0, createdAt, updatedAt);
		if (memory.pinned || !project || now - last < unusedMonths * month) continue;
		const known = gone.get(project.id) ?? isGone(project);
		gone.set(project.id, known);
		if (!(await known)) continue;
		const why = l10n.t`The folder of its project is gone, and it was last used or changed ${ageOf(last, now)}.`;
		stale.push(proposal("delete", memory, [memory], why));
	}
	return stale;
}

async function longMemories(memories: readonly Memory[], { signal }: TidyUpOptions) {
	const long: Proposal[] = [];
	for (const memory of memories.filter(({ text }) => text.length >= longFrom)) {
		await turn(signal);
		const parts = partsOf(memory.text);
		if (parts.length === 0) continue;
		const why = l10n.t`It has ${memory.text.length} characters. Its ${parts.length} parts are found better by themselves.`;
		long.push(proposal("split", { ...memory, text: joinParts(parts) }, [memory], why));
	}
	return long;
}

function proposal(
	action: TidyAction,
	{ text, scope, project }: Memory,
	concerns: readonly Memory[],
	why: string,
): Proposal {
	return { kind: "tidy-up", action, concerns: concerns.map(({ id }) => id), why, text, scope, project };
}
