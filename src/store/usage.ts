import type { Project } from "./types.ts";

export type UseKind = "searched" | "read" | "saved" | "changed";

/** Somebody used the memory. */
export interface Use {
	readonly userId: string;
	/** By the name it gives itself. */
	readonly client: string;
	readonly clientVersion?: string;
	readonly what: UseKind;
	readonly project?: Project;
	/** In a team: what others share and was in the answer counts as used, too. */
	readonly team?: true;
	/** Only at log level DEBUG. */
	readonly query?: string;
	/** ms since 1970 */
	readonly at: number;
	/** The ids of the memories that were in the answer. */
	readonly memories?: readonly string[];
}

/** When a client last used the memory, and how often; times in ms since 1970. */
export interface ClientUse {
	readonly client: string;
	readonly clientVersion?: string;
	/** Searched or read. */
	readonly lastRead?: number;
	/** Saved or changed. */
	readonly lastWrote?: number;
	readonly searched: number;
	readonly read: number;
	readonly saved: number;
	readonly changed: number;
}

/** The requests of one day to one host, of all processes. */
export interface DayTraffic {
	/** Local, as in `2026-07-09`. */
	readonly day: string;
	readonly role: "chat" | "embedding";
	/** Or another place in words. */
	readonly host: string;
	readonly requests: number;
	readonly errors: number;
	/** As the servers counted them. */
	readonly inputTokens: number;
	readonly outputTokens: number;
	/** ms that the requests which were answered took together. */
	readonly duration: number;
}
