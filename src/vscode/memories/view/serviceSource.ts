import { decodeCursor, encodeCursor } from "../../../memory/input.ts";
import { onlyHereNote } from "../../../memory/keptHere.ts";
import type { UserMemory } from "../../../memory/userMemory.ts";
import type { Project } from "../../../store/types.ts";
import type { MemorySource } from "./memorySource.ts";

/** The memory of the window, as the tree needs it. */
export function serviceSource(
	service: () => Promise<UserMemory>,
	project: () => Promise<Project | undefined>,
): MemorySource {
	return {
		project,
		memories: async (
			{ scope, project: of, since, until, client, conversationId },
			{ order, filter },
			limit,
			next,
		) => {
			const { marks } = filter;
			const page = await (await service()).list({
				scope,
				project: of ?? (await project()),
				since,
				until,
				client: client === undefined ? filter.client : client,
				conversationId,
				author: filter.author,
				how: filter.how,
				order,
				limit,
				cursor: next,
				total: false,
				...(marks.includes("pinned") ? { pinned: true } : {}),
				...(marks.includes("withHistory") ? { hasHistory: true } : {}),
				...(marks.includes("notEmbedded") ? { notEmbedded: true } : {}),
				...(marks.includes("expired") ? { expired: "only" } : {}),
				...(marks.includes("superseded") ? { superseded: "only" } : {}),
			});
			return part(page.memories, page.nextCursor, page.note);
		},
		groups: async (by, limit, after) => {
			const page = await (await service()).groups(by, limit, after, await project());
			return part(page.groups, page.next, onlyHereNote(page.onlyHere));
		},
		duplicates: async () => {
			const { allMemories, duplicateGroups } = await import("../../../memory/curating/tidyUp.ts");
			const opened = await service();
			return duplicateGroups(await allMemories(opened), { closeness: opened.closeness });
		},
		deleted: async (limit, after) => {
			const position = after === undefined ? undefined : decodeCursor(after);
			const { memories, next } = await (await service()).deleted(limit, position);
			return part(memories, next && encodeCursor(next));
		},
		waiting: async (limit, after) => {
			const { review } = await service();
			const { candidates, next } = await review.list({
				limit,
				...(after === undefined ? {} : { below: Number(after) }),
			});
			return part(candidates, next === undefined ? undefined : String(next));
		},
		waitingCount: async () => (await service()).review.count(),
		search: async (query, { client, author, how }, signal) => {
			const here = { scope: "all", project: await project() };
			return (await service()).search({ query, ...here, client, author, how, limit: 50, signal });
		},
	};
}

function part<T>(items: readonly T[], next: string | undefined, note?: string) {
	return { items, ...(next === undefined ? {} : { next }), ...(note === undefined ? {} : { note }) };
}
