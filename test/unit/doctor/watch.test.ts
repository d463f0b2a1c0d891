import assert from "node:assert/strict";
import type { Clock } from "../../../src/config/clock.ts";
import { Watch, type WatchedEndpoint } from "../../../src/doctor/health/watch.ts";

const minute = 60_000;

/** A clock that is moved by hand, and never goes by itself. */
class TestClock implements Clock {
	#now = Date.parse("2026-01-01T12:00:00Z");
	#timers: { at: number; callback: () => void }[] = [];

	now(): number {
		return this.#now;
	}

	elapsed(): number {
		return this.now();
	}

	after(ms: number, callback: () => void): () => void {
		const timer = { at: this.#now + ms, callback };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((each) => each !== timer);
		};
	}

	async pass(ms: number): Promise<void> {
		const end = this.#now + ms;
		for (;;) {
			const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
			if (!next) break;
			this.#timers = this.#timers.filter((each) => each !== next);
			this.#now = Math.max(this.#now, next.at);
			next.callback();
			// The result of a check is noted before the next timer goes off.
			for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
		}
		this.#now = end;
	}
}

describe("The watch over endpoints", () => {
	let clock: TestClock;
	let watch: Watch;
	let checks: number[];
	let problem: string | undefined;
	let last: { at: number; ok: boolean } | undefined;

	const endpoint = (key = "a"): WatchedEndpoint => ({
		key,
		lastRequest: () => last,
		check: async () => {
			checks.push(clock.now());
			return { at: clock.now(), problem, duration: 7 };
		},
	});
	const asked = (ok: boolean) => {
		last = { at: clock.now(), ok };
		watch.recordRequest();
	};
	const start = (interval = 5 * minute) => {
		watch = new Watch({ interval, clock, random: () => 0, onDidCheck: () => undefined });
		watch.watch([endpoint()]);
	};

	beforeEach(() => {
		clock = new TestClock();
		checks = [];
		problem = undefined;
		last = undefined;
	});
	afterEach(() => watch.dispose());

	it("checks an endpoint once soon after the start", async () => {
		start();
		await clock.pass(10_000);
		assert.equal(checks.length, 1);
		const check = watch.lastCheck("a");
		assert.ok(check);
		assert.equal(check.problem, undefined);
	});

	it("asks an idle endpoint at most once in five minutes, for hours", async () => {
		start();
		await clock.pass(8 * 60 * minute);
		assert.ok(checks.length > 80);
		for (const [index, at] of checks.entries())
			if (index > 0) assert.ok(at - (checks[index - 1] as number) >= 5 * minute);
	});

	it("asks an endpoint that fails less and less often", async () => {
		problem = "nothing listens";
		start();
		await clock.pass(8 * 60 * minute);
		const pauses = checks.slice(1).map((at, index) => (at - (checks[index] as number)) / minute);
		assert.deepEqual(pauses.slice(0, 6), [10, 20, 40, 40, 40, 40]);
	});

	it("does not ask an endpoint that is in use", async () => {
		start();
		for (let i = 0; i < 120; i += 1) {
			asked(true);
			await clock.pass(minute);
		}
		assert.equal(checks.length, 0);
	});

	it("checks soon after a request has failed, once", async () => {
		start();
		await clock.pass(2 * minute);
		assert.equal(checks.length, 1);
		problem = "nothing listens";
		for (let i = 0; i < 10; i += 1) asked(false);
		await clock.pass(10_000);
		assert.equal(checks.length, 2);
		for (let i = 0; i < 10; i += 1) {
			asked(false);
			await clock.pass(10_000);
		}
		assert.equal(checks.length, 2);
	});

	it("checks at once what is configured anew, and keeps what it knows of the rest", async () => {
		start();
		await clock.pass(minute);
		watch.watch([endpoint("a"), endpoint("b")]);
		await clock.pass(10_000);
		assert.equal(checks.length, 2);
		assert.ok(watch.lastCheck("a"));
		assert.ok(watch.lastCheck("b"));
		watch.watch([endpoint("b")]);
		assert.equal(watch.lastCheck("a"), undefined);
	});

	it("does nothing while the window is not focused, and catches up when it is", async () => {
		start();
		watch.focused = false;
		await clock.pass(60 * minute);
		assert.equal(checks.length, 0);
		watch.focused = true;
		await clock.pass(1);
		assert.equal(checks.length, 1);
	});

	it("checks again what failed when one comes back to the window", async () => {
		problem = "nothing listens";
		start();
		await clock.pass(10_000);
		watch.focused = false;
		await clock.pass(2 * minute);
		problem = undefined;
		watch.focused = true;
		await clock.pass(1);
		assert.equal(checks.length, 2);
		const check = watch.lastCheck("a");
		assert.ok(check);
		assert.equal(check.problem, undefined);
	});

	it("does nothing at all with an interval of 0", async () => {
		start(0);
		asked(false);
		await clock.pass(60 * minute);
		assert.equal(checks.length, 0);
	});

	it("is checking until the first check has told something", async () => {
		let end: (() => void) | undefined;
		watch = new Watch({ interval: 5 * minute, clock, random: () => 0, onDidCheck: () => undefined });
		watch.watch([
			{
				...endpoint(),
				check: () =>
					new Promise((resolve) => {
						end = () => resolve({ at: clock.now(), problem: undefined, duration: 1 });
					}),
			},
		]);
		await clock.pass(10_000);
		assert.ok(watch.checking);
		end?.();
		await new Promise((done) => setImmediate(done));
		assert.ok(!watch.checking);
	});
});
