import type { Clock } from "../config/clock.ts";
import type { EndpointRole } from "../config/endpoints.ts";
import type { Log } from "../config/log.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import type { EndpointHealth } from "../endpoints/endpointHealth.ts";
import type { MemoryStore } from "../store/memoryStore.ts";
import type { Actor } from "./access/actor.ts";
import type { PatientEmbedder } from "./patientEmbedder.ts";
import type { SecretGuard } from "./secrets/secretGuard.ts";

/** What saving and searching work with. */
export interface MemoryContext {
	readonly store: MemoryStore;
	/** For work that nobody waits for. */
	readonly embedder: Embedder;
	/** The same model, for requests that somebody waits for. */
	readonly patientEmbedder: PatientEmbedder;
	readonly health: Readonly<Record<EndpointRole, EndpointHealth>>;
	/** What is to be kept goes through it first. */
	readonly guard: SecretGuard;
	/** Whose memories it works on. */
	readonly userId: string;
	readonly actor: Actor;
	/** Whether the database has users, who share memories. */
	readonly team: boolean;
	/** Whether an administrator decides what is shared. */
	readonly reviews: boolean;
	readonly log: Log;
	readonly clock: Clock;
}
