import type { Clock } from "../config/clock.ts";
import type { EndpointRole } from "../config/endpoints.ts";
import type { Log } from "../config/log.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import type { EndpointHealth } from "../endpoints/endpointHealth.ts";
import type { Backups } from "../store/backups.ts";
import type { MemoryStore } from "../store/memoryStore.ts";
import type { Actor } from "./access/actor.ts";
import type { FollowMembership } from "./access/membership.ts";
import type { Extractor } from "./saving/extraction.ts";
import type { AskAboutSecrets, SecretPolicy } from "./secrets/secretKinds.ts";
import type { TrafficLog } from "./traffic.ts";

export interface MemoryServiceOptions {
	readonly store: MemoryStore;
	readonly embedder: Embedder;
	/** The language model that distils facts, and the loader of mem0ai; absent: memories keep the text word for word. */
	readonly distillation?:
		| {
				readonly chat: ChatModel;
				/** Tokens, if configured: a text that was too long for a smaller context is tried again. */
				readonly contextLength?: number | undefined;
				readonly loadExtractor: () => Promise<Extractor>;
		  }
		| undefined;
	/** How the models do; their clients record the requests in it. */
	readonly health?: Readonly<Record<EndpointRole, EndpointHealth>> | undefined;
	/** Absent: nothing is counted. */
	readonly traffic?: TrafficLog | undefined;
	readonly userId: string;
	/** Whether the database has users, who share memories. */
	readonly team?: boolean | undefined;
	/** How both change, as others decide, or once a database is back that was away. */
	readonly follow?: FollowMembership | undefined;
	/** Who asks. Default: the user, who is no administrator. */
	readonly actor?: Actor | undefined;
	/** Whether an administrator decides what of others is shared. */
	readonly reviews?: boolean | undefined;
	/** What the status calls the database. Default: its location. */
	readonly place?: string | undefined;
	/** Another memory has the same store and models: disposing of this one leaves them open. */
	readonly borrowed?: boolean;
	/** What becomes of secrets in texts. Default: they are replaced. */
	readonly secrets?:
		| { readonly policy: SecretPolicy; readonly ask?: AskAboutSecrets | undefined }
		| undefined;
	readonly log: Log;
	readonly clock?: Clock | undefined;
	/** Messages for the user from opening the store. */
	readonly notices?: readonly string[];
	/** The folder where hooks leave word of sessions that are to be captured; absent: none is. */
	readonly capturesIn?: string | undefined;
	/** Absent: none are made. */
	readonly backups?: Backups | undefined;
	/** Whether the log of use keeps queries: only at log level DEBUG. */
	readonly keepsQueries?: boolean;
}
