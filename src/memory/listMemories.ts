import {
	checkedFilter,
	checkedLimit,
	checkedOrder,
	decodeCursor,
	encodeCursor,
	maxListLimit,
} from "./input.ts";
import { onlyHereNote } from "./keptHere.ts";
import { withKnownClient } from "./knownClient.ts";
import type { MemoryContext } from "./memoryContext.ts";
import type { ListRequest, ListResult } from "./requests.ts";
import { withoutSeq } from "./searching/searcher.ts";

/** @throws InputError */
export async function listMemories(
	{ store, userId, team, embedder }: Pick<MemoryContext, "store" | "userId" | "team" | "embedder">,
	request: ListRequest,
): Promise<ListResult> {
	const { conversationId, saveId, hasHistory, notEmbedded, total } = request;
	const limit = checkedLimit(request.limit ?? 50, maxListLimit);
	const order = checkedOrder(request.order);
	const filter = {
		...(await withKnownClient(store, checkedFilter(userId, request, team))),
		...(conversationId === undefined ? {} : { conversationId }),
		...(saveId === undefined ? {} : { saveId }),
		...(hasHistory ? { hasHistory } : {}),
		...(notEmbedded ? { notEmbeddedIn: embedder.space ?? null } : {}),
	};
	const after = decodeCursor(request.cursor, order);
	const options = { order, after, ...(total === false ? { total } : {}) };
	const page = await store.memories.list(filter, limit, options);
	return {
		memories: page.memories.map(withoutSeq),
		total: page.total,
		...(page.onlyHere ? { note: onlyHereNote(page.onlyHere) as string } : {}),
		...(page.next ? { nextCursor: encodeCursor(page.next, order) } : {}),
	};
}
