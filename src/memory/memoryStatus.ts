import type { ChatModel } from "../endpoints/chatModel.ts";
import type { Project } from "../store/types.ts";
import { finderIn } from "./access/sharing.ts";
import { heldBackNotice } from "./heldBack.ts";
import type { MemoryContext } from "./memoryContext.ts";
import type { MemoryStatus } from "./requests.ts";
import type { FailedTexts } from "./saving/failedTexts.ts";
import { notEmbeddedNotice } from "./saving/failedTexts.ts";

/** How a memory does: what it holds, what waits, and how its models do. */
export async function memoryStatus(
	context: MemoryContext,
	chat: ChatModel | undefined,
	told: {
		readonly place: string | undefined;
		readonly notices: readonly string[];
		readonly notEmbedded: FailedTexts["state"];
	},
	project: Project | undefined,
): Promise<MemoryStatus> {
	const { store, embedder, health, userId } = context;
	const { memories, spaces, distillation, location } = store;
	const { space, description, origin } = embedder;
	const { notEmbedded } = told;
	const waiting = store.away && (await store.away.waiting());
	const [counts, { missing, older }, { pending, givenUp, problem, heldBack, heldBackFor }, ofStore] =
		await Promise.all([
			memories.counts(finderIn(context, [project]), project),
			spaces.progress(userId, space),
			distillation.state(userId),
			store.notices.list(),
		]);
	return {
		database: told.place ?? location,
		userId,
		distils: chat !== undefined && chat.problem === undefined,
		llm: chat && {
			description: chat.description,
			origin: chat.origin,
			...health.chat.status(chat.problem ?? (pending > 0 ? problem : undefined)),
		},
		embedding: { description, origin, space, ...health.embedding.status(embedder.problem) },
		counts,
		// Without a language model, saves do not wait for distilling.
		pending: { distillation: chat ? pending : 0, embedding: missing },
		keptAsText: givenUp,
		outsideSpace: older,
		...(store.away && waiting !== undefined
			? {
					away: {
						waiting,
						...(store.away.problem === undefined ? {} : { problem: store.away.problem }),
					},
				}
			: {}),
		heldBack: { saves: heldBack, origins: heldBackFor },
		// What is wrong with the server's machine is for those who run it.
		notices: [
			...(told.place === undefined ? [...told.notices, ...ofStore] : []),
			...heldBackNotice(heldBack, heldBackFor),
		],
		remarks: [embedder.remark, notEmbedded && notEmbeddedNotice(notEmbedded)].filter(
			(remark) => remark !== undefined,
		),
	};
}
