import assert from "node:assert/strict";
import { systemClock } from "../../../src/config/clock.ts";
import { silentLog } from "../../../src/config/log.ts";
import { UsageLog } from "../../../src/memory/usageLog.ts";
import type { Use } from "../../../src/store/usage.ts";

describe("The log of use", () => {
	it("tells of what is still being written", async () => {
		const written: Use[] = [];
		const slow = Promise.withResolvers<void>();
		const log = new UsageLog({
			usage: {
				async record(uses) {
					await slow.promise;
					written.push(...uses);
				},
				recent: async () => written,
				clients: async () => [],
			},
			userId: "ada",
			asker: { team: false },
			log: silentLog,
			clock: systemClock,
			keepsQueries: false,
		});
		log.add({ client: "cursor", what: "read" });
		void log.write();
		const recent = log.recent(10);
		slow.resolve();
		assert.equal((await recent).length, 1);
	});
});
