import type { Memory } from "../store/types.ts";
import { oneLine } from "../text/inert.ts";
import { ageOf } from "../text/wording.ts";

/** A memory as every `--json` shows it: times in ISO 8601, and nothing that has no value. */
export function asJson<T extends Memory>(memory: T) {
	const { userId, saveId: _, createdAt, updatedAt, expiresAt, usedAt, ...rest } = memory;
	return {
		...rest,
		...(rest.visibility ? { author: userId } : {}),
		createdAt: iso(createdAt),
		updatedAt: iso(updatedAt),
		...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) }),
		...(usedAt === undefined ? {} : { usedAt: iso(usedAt) }),
	};
}

export function iso(time: number): string {
	return new Date(time).toISOString();
}

/** A memory on a line of its own, with its id first. */
export function asLine(memory: Memory): string {
	const { id, text, project, createdAt, pinned, supersededBy, visibility, userId, keptHere } = memory;
	const remarks = [
		project?.name ?? "global",
		ageOf(createdAt),
		...(pinned ? ["pinned"] : []),
		...(supersededBy ? ["superseded"] : []),
		...(visibility ? [`${visibility}, by ${userId}`] : []),
		...(keptHere ? ["waits to be delivered"] : []),
	];
	return `${id}  ${oneLine(text)}  (${oneLine(remarks.join(", "))})`;
}

/** What a flag's value means as a number; a text that is none stays as it is, for the message that refuses it. */
export function numberIfAny(text: unknown): unknown {
	return typeof text === "string" && text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}
