import assert from "node:assert/strict";
import { createLog } from "../../../src/config/log.ts";
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
});
