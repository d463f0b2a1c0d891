import * as l10n from "@vscode/l10n";
import { NotAllowedError, waitsNote } from "./access/sharing.ts";
import type { ChangedMemory, ChangeRequest } from "./changing.ts";
import type { ReviewQueue } from "./curating/reviewQueue.ts";
import type { UpdatedMemory } from "./requests.ts";
import { withoutSeq } from "./searching/searcher.ts";

export type UpdateValues = readonly [
	id: unknown,
	text: unknown,
	visibility?: unknown,
	expected?: ChangeRequest["expected"],
];

/** Changes a memory; where somebody of a team may only read it, proposes the new text to its author. */
export async function updateMemory(
	request: ChangeRequest,
	change: (requests: readonly ChangeRequest[]) => Promise<readonly ChangedMemory[]>,
	review: Pick<ReviewQueue, "proposeEdit">,
): Promise<UpdatedMemory> {
	try {
		const nothing = request.text === undefined && request.visibility === undefined;
		const [changed] = await change([nothing ? { ...request, text: null } : request]);
		const { after, note } = changed as ChangedMemory;
		const notes = [note, waitsNote(after)];
		const told = notes.filter((each) => each !== undefined).join(" ");
		return { ...withoutSeq(after), ...(told === "" ? {} : { note: told }) };
	} catch (error) {
		const { text, visibility } = request;
		if (!(error instanceof NotAllowedError) || text === undefined || visibility !== undefined) throw error;
		const { memory } = error;
		await review.proposeEdit(memory, text);
		const { userId } = memory;
		const note = l10n.t`Nothing was changed: ${userId} wrote this memory. The new text waits for review by ${userId}.`;
		return { ...memory, note };
	}
}
