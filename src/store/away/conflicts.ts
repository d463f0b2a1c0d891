import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import * as l10n from "@vscode/l10n";
import type { NewCandidate } from "../candidates.ts";
import { type ChangedFields, fieldsOf, type MemoryChange } from "../changes.ts";
import type { StoredMemory } from "../types.ts";

/*
 * A change that was made while the database was away, and what was changed there meanwhile.
 */

type Values = Required<ChangedFields> & { readonly text: string };

function valuesOf(memory: StoredMemory): Values {
	return { ...fieldsOf(memory), text: memory.text };
}

/**
 * What is left to be changed: what the database has already is not, be it that this very change has reached it, or that
 * somebody did the same.
 * @param base the memory when the change was made.
 * @param current as it is now.
 * @returns "conflict" if somebody has changed there what this changes.
 */
export function leftToChange(
	change: MemoryChange,
	base: StoredMemory | undefined,
	current: StoredMemory,
): Partial<Values> | "conflict" {
	const now = valuesOf(current);
	const was = base && valuesOf(base);
	const names = (Object.keys(now) as (keyof Values)[]).filter(
		(name) => change[name] !== undefined && !isDeepStrictEqual(change[name], now[name]),
	);
	if (names.some((name) => !was || !isDeepStrictEqual(was[name], now[name]))) return "conflict";
	return Object.fromEntries(names.map((name) => [name, change[name]]));
}

/** Whether anything of a memory is another than it was. */
export function isChanged(base: StoredMemory | undefined, current: StoredMemory): boolean {
	return !base || !isDeepStrictEqual(valuesOf(base), valuesOf(current));
}

/**
 * What a person is to decide.
 * @param mine the memory as it is on this machine; undefined if it was deleted here.
 * @param theirs as it is in the database; undefined if it was deleted there.
 * @param key the same for the same conflict.
 * @returns undefined if both sides agree: it is to be gone.
 */
export function conflictOf(
	mine: StoredMemory | undefined,
	theirs: StoredMemory | undefined,
	{ key, at }: { readonly key: string; readonly at: number },
): NewCandidate | undefined {
	const shown = mine ?? theirs;
	if (!shown) return undefined;
	const { text, userId, scope, project, metadata, pinned, expiresAt, origin, conversationId } = shown;
	return {
		kind: "conflict",
		key: `conflict ${key}`,
		text,
		userId,
		scope,
		createdAt: at,
		...(project ? { project } : {}),
		...(metadata ? { metadata } : {}),
		...(pinned ? { pinned } : {}),
		...(expiresAt === undefined ? {} : { expiresAt }),
		...(origin ? { origin } : {}),
		...(conversationId === undefined ? {} : { conversationId }),
		...whatToDecide(mine, theirs),
	};
}

function whatToDecide(
	mine: StoredMemory | undefined,
	theirs: StoredMemory | undefined,
): Pick<NewCandidate, "action" | "concerns" | "why" | "excerpt"> {
	const host = hostname();
	if (!theirs)
		return {
			why: l10n.t`Changed on ${host} while the database was away, and deleted in the database meanwhile. Accept to keep it as a new memory, reject to leave it deleted.`,
		};
	const about = { concerns: [theirs.id], excerpt: theirs.text };
	return mine
		? {
				...about,
				action: "replace",
				why: l10n.t`Changed on ${host} while the database was away, and changed in the database meanwhile. Accept to put what was written there in its place, reject to leave it as it is in the database.`,
			}
		: {
				...about,
				action: "delete",
				why: l10n.t`Deleted on ${host} while the database was away, and changed in the database meanwhile. Accept to delete it, reject to keep it.`,
			};
}
