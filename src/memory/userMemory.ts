import type { ChatModel } from "../endpoints/chatModel.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import type { MemoryBackups } from "./backups/memoryBackups.ts";
import type { ReviewQueue } from "./curating/reviewQueue.ts";
import type { MemoryService } from "./memoryService.ts";
import type { Transfer } from "./transfer/transfer.ts";
import type { UsageLog } from "./usageLog.ts";

/** What a memory does by itself, wherever it is. */
type Own =
	| "userId"
	| "isTeam"
	| "closeness"
	| "save"
	| "search"
	| "list"
	| "groups"
	| "deleted"
	| "get"
	| "savedText"
	| "entities"
	| "update"
	| "change"
	| "undo"
	| "delete"
	| "deleteAll"
	| "restore"
	| "restoreAll"
	| "history"
	| "acceptCandidates"
	| "findSecrets"
	| "reembed"
	| "takeOver"
	| "status"
	| "usage"
	| "traffic"
	| "noticesSeen"
	| "onDidChange"
	| "onDidAsk"
	| "startBackgroundWork"
	| "workSoon"
	| "stopWaiting"
	| "dispose";

/** The memory of one user: in a database (MemoryService), or behind a team's server (remote/RemoteMemory). */
export interface UserMemory extends Pick<MemoryService, Own> {
	readonly review: Pick<
		ReviewQueue,
		"propose" | "proposeEdit" | "list" | "count" | "get" | "merge" | "reject" | "undo"
	>;
	readonly transfer: Pick<Transfer, "importAll" | "sourceIds" | "isEmpty" | "all">;
	readonly uses: Pick<UsageLog, "add" | "write" | "clients" | "recent">;
	readonly backups: Pick<MemoryBackups, "before" | "files">;
	/** What this process asks for others, see endpoints/lending; none where the models are those of a team's server. */
	readonly models: { readonly chat: ChatModel | undefined; readonly embedder: Embedder | undefined };
}
