import type { Clock } from "../config/clock.ts";
import type { EndpointRole } from "../config/endpoints.ts";
import type { Log } from "../config/log.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import type { EndpointHealth } from "../endpoints/endpointHealth.ts";
import type { MemoryStore } from "../store/memoryStore.ts";
import type { PatientEmbedder } from "./patientEmbedder.ts";

/** What saving and searching work with. */
export interface MemoryContext {
	readonly store: MemoryStore;
	/** For work that nobody waits for. */
	readonly embedder: Embedder;
	/** The same model, for requests that somebody waits for. */
	readonly patientEmbedder: PatientEmbedder;
	readonly health: Readonly<Record<EndpointRole, EndpointHealth>>;
	readonly userId: string;
	readonly log: Log;
	readonly clock: Clock;
}
