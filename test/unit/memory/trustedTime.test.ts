import assert from "node:assert/strict";
import { isTrusted } from "../../../src/memory/saving/trustedTime.ts";
import type { Notes } from "../../../src/store/memoryStore.ts";
import { endpointFixture } from "../../support/fixtures/endpointFixture.ts";

const minute = 60_000;
const day = 86_400_000;

function notesInMemory(): Notes {
	const notes = new Map<string, string>();
	return { get: (key) => notes.get(key), put: async (key, value) => void notes.set(key, value) };
}

/** Looks every five minutes for the given time. @returns whether the clock is believed at the end. */
async function run(notes: Notes, from: number, duration: number): Promise<boolean> {
	let trusted = false;
	for (let at = from; at <= from + duration; at += 5 * minute) trusted = await isTrusted(notes, at);
	return trusted;
}

describe("The clock by which deleted memories are erased", () => {
	const start = Date.UTC(2026, 0, 1);

	it("is believed after it has been seen to run for a day", async () => {
		const notes = notesInMemory();
		assert.equal(await run(notes, start, day - 10 * minute), false);
		assert.equal(await run(notes, start + day - 5 * minute, 10 * minute), true);
	});

	it("stays believed over nights and holidays", async () => {
		const notes = notesInMemory();
		await run(notes, start, day);
		assert.equal(await isTrusted(notes, start + 2 * day), true);
		assert.equal(await isTrusted(notes, start + 11 * day), true);
		assert.equal(await isTrusted(notes, start + 11 * day - 10 * minute), true);
	});

	for (const [name, leap] of [
		["a year ahead", 365 * day],
		["31 days ahead", 31 * day],
		["a year back", -365 * day],
	] as const)
		it(`is not believed when it has just leapt ${name}, nor after another leap`, async () => {
			const notes = notesInMemory();
			await run(notes, start, day);
			assert.equal(await isTrusted(notes, start + day + leap), false);
			assert.equal(await run(notes, start + day + leap, day / 2), false);
			assert.equal(await isTrusted(notes, start + 5 * day + leap), false);
			assert.equal(await isTrusted(notes, start + 2 * day), false);
			assert.equal(await run(notes, start + 2 * day, day), true);
		});
});

describe("Deleted memories", () => {
	const memory = endpointFixture();

	it("are erased after 30 days, but not on the word of a clock that has just leapt", async function () {
		this.timeout(60_000);
		const service = await memory.openOn(await memory.server());
		const { memories } = await service.save({ text: "Ada likes tea", infer: false });
		const id = memories[0]?.id ?? "";
		await service.delete(id);
		const afterLeap = async (days: number) => {
			memory.clock.forward(days * day);
			await memory.clock.pass(day / 2);
			return (await service.history(id)).length;
		};
		await memory.clock.pass(day + 10 * minute);
		assert.equal(await afterLeap(31), 2);
		await memory.clock.pass(day);
		assert.equal((await service.history(id).catch(() => [])).length, 0);
	});
});
