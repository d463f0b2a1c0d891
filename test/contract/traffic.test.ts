import assert from "node:assert/strict";
import type { DayTraffic } from "../../src/store/usage.ts";
import { contract } from "./backends.ts";

function row(day: string, more: Partial<DayTraffic> = {}): DayTraffic {
	const counts = { requests: 1, errors: 0, inputTokens: 10, outputTokens: 2, duration: 100 };
	return { day, role: "chat", host: "gpu1:8000", ...counts, ...more };
}

contract("Traffic", (fixture) => {
	it("adds up what several processes count, by day, role and host", async () => {
		const { store } = fixture;
		const other = await fixture.another();
		await Promise.all([
			store.traffic.add([row("2026-07-09"), row("2026-07-09", { role: "embedding", outputTokens: 0 })]),
			other.traffic.add([row("2026-07-09", { errors: 1, duration: 0.4 }), row("2026-07-10")]),
		]);
		assert.deepEqual(await store.traffic.since("2026-07-09"), [
			row("2026-07-10"),
			row("2026-07-09", { requests: 2, errors: 1, inputTokens: 20, outputTokens: 4 }),
			row("2026-07-09", { role: "embedding", outputTokens: 0 }),
		]);
		assert.deepEqual(await other.traffic.since("2026-07-10"), [row("2026-07-10")]);
	});

	it("keeps thirty days, and loses none to a clock that was ahead once", async () => {
		const { traffic } = fixture.store;
		const days = Array.from({ length: 40 }, (_, index) => new Date(Date.UTC(2026, 0, 1 + index)));
		for (const day of days) await traffic.add([row(day.toISOString().slice(0, 10))]);
		assert.equal((await traffic.since("2000-01-01")).length, 30);
		await traffic.add([row("2031-01-01")]);
		assert.equal((await traffic.since("2000-01-01")).length, 30);
	});

	it("lets no more requests begin in any window than a server takes, of all processes together", async () => {
		const { store } = fixture;
		const other = await fixture.another();
		const [most, window] = [3, 600];
		const begun: number[] = [];
		const begin = async ({ traffic }: typeof store) => {
			for (;;) {
				const wait = await traffic.take("chat http://gpu1:8000", most, window);
				if (wait === 0) break;
				assert.ok(wait > 0 && wait <= window, `${wait}`);
				await new Promise((done) => setTimeout(done, wait));
			}
			begun.push(Date.now());
		};
		await Promise.all([store, other].flatMap((each) => Array.from({ length: 5 }, () => begin(each))));
		assert.equal(begun.length, 10);
		begun.sort((a, b) => a - b);
		// The times are taken a little after the starts.
		for (const [index, at] of begun.entries())
			assert.ok(index < most || at - (begun[index - most] as number) > window - 100, begun.join());
	});

	it("counts the requests to each server by themselves", async () => {
		const { traffic } = fixture.store;
		assert.equal(await traffic.take("one", 1, 60_000), 0);
		assert.equal(await traffic.take("two", 1, 60_000), 0);
		assert.ok((await traffic.take("one", 1, 60_000)) > 59_000);
	});
});
