import type { Position } from "../lists.ts";
import type { StoredMemory } from "../types.ts";

/*
 * Memories of the database and of this machine in one list: both have numbers of their own, so those of this machine
 * are moved below zero, in their order.
 */

const offset = 2 ** 40;

/** A memory of this machine as callers see it. */
export function fromHere(memory: StoredMemory): StoredMemory {
	return { ...memory, seq: numberFromHere(memory.seq), keptHere: true };
}

/** The memory as this machine has it. */
export function asHere({ keptHere: _, ...memory }: StoredMemory): StoredMemory {
	return { ...memory, seq: memory.seq + offset };
}

export function numberFromHere(seq: number): number {
	return seq - offset;
}

/** Where the list goes on in the database, and on this machine. With the same key, those of this machine have lower numbers. */
export function positions(after: Position | undefined): {
	readonly there: Position | undefined;
	readonly here: Position | undefined;
} {
	if (!after) return { there: undefined, here: undefined };
	const { key, seq } = after;
	return seq < 0
		? { there: { key, seq: 0 }, here: { key, seq: seq + offset } }
		: { there: after, here: { key, seq: Number.MAX_SAFE_INTEGER } };
}

export function positionFromHere({ key, seq }: Position): Position {
	return { key, seq: numberFromHere(seq) };
}
