import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { importWithStandIn, standIn } from "../../support/fixtures/vscodeStandIn.ts";

type Report = (message: string, increment?: number) => void;

describe("A notification of work that goes on", () => {
	let withProgress: typeof import("../../../src/vscode/ui.ts").withProgress;
	before(async () => {
		({ withProgress } = await importWithStandIn<typeof import("../../../src/vscode/ui.ts")>("vscode/ui.ts"));
	});
	beforeEach(() => {
		standIn.progress.length = 0;
	});
	const shown = async () => {
		for (const deadline = Date.now() + 10_000; standIn.progress.length === 0; await sleep(10))
			assert.ok(Date.now() < deadline);
		return standIn.progress[0] as (typeof standIn.progress)[number];
	};

	it("is not shown of what is done or fails at once", async () => {
		assert.equal(await withProgress("Saving", async () => 7), 7);
		await assert.rejects(
			withProgress("Saving", () => Promise.reject(new Error("full"))),
			/full/,
		);
		await sleep(600);
		assert.equal(standIn.progress.length, 0);
	});

	it("has what was reported before it, and what is reported then", async () => {
		const done = Promise.withResolvers<string>();
		let report: Report | undefined;
		const result = withProgress("Exporting", (each) => {
			report = each;
			each("1 of 4", 25);
			each("2 of 4", 25);
			return done.promise;
		});
		const { title, reports } = await shown();
		report?.("3 of 4", 25);
		assert.equal(title, "Exporting");
		assert.deepEqual(reports, [
			{ message: "2 of 4", increment: 50 },
			{ message: "3 of 4", increment: 25 },
		]);
		done.resolve("whole");
		assert.equal(await result, "whole");
	});

	it("has a bar that moves where nothing says how much is done", async () => {
		for (const message of [undefined, "7 texts"]) {
			const done = Promise.withResolvers<void>();
			standIn.progress.length = 0;
			const result = withProgress("Searching", (report) => {
				if (message) report(message);
				return done.promise;
			});
			const { reports } = await shown();
			assert.deepEqual(reports, message ? [{ message }] : []);
			done.resolve();
			await result;
		}
	});

	it("cancels the work, whose error is the caller's", async () => {
		const result = withProgress(
			"Importing",
			(_, signal) =>
				new Promise<void>((_resolve, reject) => {
					signal.addEventListener("abort", () => reject(signal.reason as Error));
				}),
		);
		(await shown()).cancel();
		await assert.rejects(result, /cancelled/);
	});
});
