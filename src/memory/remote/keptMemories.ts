import type { Memory } from "../../store/types.ts";
import type { FilterRequest } from "../input.ts";
import { checkedMemory } from "../requests.ts";
import type { KeptSave } from "./keptSaves.ts";

/** A save that waits, as the memory that it will be. */
export function memoryOf({ id, userId, at, request }: KeptSave): Memory {
	const { visibility: _, ...checked } = checkedMemory(userId, request);
	return { ...checked, id, createdAt: at, updatedAt: at, keptHere: true };
}

/** Whether a list or a search asks for it. */
export function isAskedFor(
	memory: Memory,
	{ scope, project, author, client, pinned, expired }: FilterRequest,
): boolean {
	if (expired === "only" || (pinned && !memory.pinned)) return false;
	if (author !== undefined && author !== memory.userId) return false;
	if (client !== undefined && client !== (memory.origin?.client ?? null)) return false;
	if (scope === "all") return true;
	if (memory.scope === "global") return scope !== "project";
	return scope !== "global" && memory.project?.id === project?.id;
}
