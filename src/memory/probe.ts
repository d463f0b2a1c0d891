import type { SaveResult } from "./requests.ts";
import type { UserMemory } from "./userMemory.ts";

/** Says nothing about anybody. */
const text = "The probe of the Endpoint Doctor is painted in ultramarine blue.";
const question = "Which colour is the probe painted in?";

/** What became of a memory that was saved, searched for and deleted to see whether that works. */
export interface ProbeOutcome {
	/** The first step that did not work. */
	readonly failed?: "save" | "search" | "delete";
	/** What the memory said of it. */
	readonly note?: string;
	readonly mode: SaveResult["mode"];
	readonly pending: SaveResult["pending"];
}

/** @param infer `false`: no language model is asked. */
export async function makeProbe(
	memory: Pick<UserMemory, "save" | "search" | "delete" | "list">,
	infer?: false,
): Promise<ProbeOutcome> {
	const { memories, mode, pending, note } = await memory.save({ text, infer });
	const outcome = (failed?: ProbeOutcome["failed"], said = note): ProbeOutcome => ({
		...(failed ? { failed } : {}),
		...(said === undefined ? {} : { note: said }),
		mode,
		pending,
	});
	const [saved] = memories;
	if (!saved) return outcome("save");
	const found = await memory.search({ query: question });
	if (!found.memories.some(({ id }) => id === saved.id)) return outcome("search", found.note);
	await memory.delete(saved.id);
	const { memories: left } = await memory.list({ scope: "all" });
	return outcome(left.some(({ id }) => id === saved.id) ? "delete" : undefined);
}
