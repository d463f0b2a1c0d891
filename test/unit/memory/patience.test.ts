import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { createLog, silentLog } from "../../../src/config/log.ts";
import type { Embedder } from "../../../src/endpoints/embedder.ts";
import { EndpointHealth } from "../../../src/endpoints/endpointHealth.ts";
import { PatientEmbedder } from "../../../src/memory/patientEmbedder.ts";

describe("The wait for a vector", () => {
	it("ends with a message that names the model as it was written", async () => {
		const hanging: Embedder = {
			description: "bge-m3 at http://gpu1:8000/v1",
			origin: "http://gpu1:8000",
			space: undefined,
			calibration: undefined,
			embed: (_, { signal } = {}) =>
				new Promise((_done, fail) => signal?.addEventListener("abort", () => fail(signal.reason))),
			dispose: () => Promise.resolve(),
		};
		const log = createLog("ERROR", (text) => text, assert.fail);
		const { problem } = await new PatientEmbedder(hanging, log, new EndpointHealth()).embedAll(
			["x"],
			undefined,
			50,
		);
		assert.equal(
			problem,
			"The embedding model (bge-m3 at http://gpu1:8000/v1) made no vector within 0.05 s.",
		);
	});

	it("ends with the answer: nothing is called off afterwards", async () => {
		let given: AbortSignal | undefined;
		const quick: Embedder = {
			description: "bge-m3 at http://gpu1:8000/v1",
			origin: "http://gpu1:8000",
			space: { provider: "openai", origin: "http://gpu1:8000", model: "bge-m3", dimensions: 1 },
			calibration: undefined,
			embed: async (_, { signal } = {}) => {
				given = signal;
				return [Float32Array.of(1)];
			},
			dispose: () => Promise.resolve(),
		};
		const patience = 5;
		const asked = new PatientEmbedder(quick, silentLog, new EndpointHealth());
		assert.equal((await asked.embedAll(["x"], undefined, patience)).vectors?.length, 1);
		// A timer that was still set would come first.
		await sleep(2 * patience);
		assert.equal(given?.aborted, false);
	});
});
