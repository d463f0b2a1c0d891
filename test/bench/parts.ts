import type { Part } from "./figure.ts";

/** The parts by name, in the order of the table. Loaded one by one, so that none meets what another brought along. */
export const parts: Readonly<Record<string, () => Promise<Part>>> = {
	activation: async () => (await import("./activation.ts")).measureActivation,
	size: async () => (await import("./size.ts")).measureSize,
	search: async () => (await import("./search.ts")).measureSearch,
	eventLoop: async () => (await import("./eventLoop.ts")).measureEventLoop,
	quality: async () => (await import("./quality/part.ts")).measureQuality,
	speed: async () => (await import("./speed.ts")).measureSpeed,
	scale: async () => (await import("./scale/scale.ts")).measureScale,
	postgres: async () => (await import("./postgres.ts")).measurePostgres,
	memoryView: async () => (await import("./memoryView.ts")).measureMemoryView,
	saving: async () => (await import("./saving.ts")).measureSaving,
	importing: async () => (await import("./importing.ts")).measureImporting,
	coldStart: async () => (await import("./coldStart.ts")).measureColdStart,
	agents: async () => (await import("./agents.ts")).measureAgents,
	embedding: async () => (await import("./embedding.ts")).measureEmbedding,
	endpoints: async () => (await import("./endpoints.ts")).measureEndpoints,
	doctor: async () => (await import("./doctor.ts")).measureDoctor,
};
