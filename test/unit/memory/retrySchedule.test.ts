import assert from "node:assert/strict";
import { EndpointError } from "../../../src/endpoints/endpointError.ts";
import { nextAttempt, pauseAfter } from "../../../src/memory/saving/retrySchedule.ts";

describe("The retry schedule", () => {
	const hour = 3_600_000;
	const tenYears = 10 * 365 * 24 * hour;
	const error = (retryAfter?: number) =>
		new EndpointError("rate-limited", "asked to wait", "Wait.", { role: "chat", url: "", retryAfter });

	it("waits as long as an endpoint asks, but never longer than an hour", () => {
		assert.equal(pauseAfter(1, 60_000), 60_000);
		assert.equal(pauseAfter(1, tenYears), hour);
		assert.equal(pauseAfter(1000, 0), hour);
		for (const [asked, waits] of [
			[60_000, 60_000],
			[tenYears, hour],
		] as const) {
			const { delay, retryAfter } = nextAttempt(error(asked), 0, true);
			assert.deepEqual([delay, retryAfter], [waits, waits]);
		}
	});

	it("does not wait where no endpoint asks for it", () => {
		assert.equal(nextAttempt(error(), 0, true).retryAfter, 0);
	});
});
