import assert from "node:assert/strict";
import { InputError } from "../../../src/memory/errors.ts";
import { parseRecord } from "../../../src/memory/transfer/jsonl.ts";
import { readRecord } from "../../../src/memory/transfer/record.ts";
import { importedTime } from "../../../src/memory/transfer/times.ts";

const now = Date.UTC(2026, 0);
const read = (value: unknown) => readRecord(value, undefined, now);
const kinds = (value: unknown) => read(value).remarks.map(({ kind, field }) => field ?? kind);

describe("The time of an imported memory", () => {
	const times: readonly (readonly [value: unknown, iso: string])[] = [
		[1_754_300_000, "2025-08-04T09:33:20.000Z"],
		[1_754_300_000.25, "2025-08-04T09:33:20.250Z"],
		[1_754_300_000_250, "2025-08-04T09:33:20.250Z"],
		[1_754_300_000_250_000, "2025-08-04T09:33:20.250Z"],
		[1_754_300_000_250_000_000, "2025-08-04T09:33:20.250Z"],
		["1754300000", "2025-08-04T09:33:20.000Z"],
		["1754300000250", "2025-08-04T09:33:20.250Z"],
		["2024-07-01", "2024-07-01T00:00:00.000Z"],
		["2024-07-01T08:00:00Z", "2024-07-01T08:00:00.000Z"],
		["2025-02-27T16:33:20.557-08:00", "2025-02-28T00:33:20.557Z"],
		["2024-07-01T08:00:00.123456+00:00", "2024-07-01T08:00:00.123Z"],
		["2024-07-01 08:00:00+00", "2024-07-01T08:00:00.000Z"],
		["2024-07-01 08:00:00.5 +0200", "2024-07-01T06:00:00.500Z"],
		["2024-07-01 08:00:00 UTC", "2024-07-01T08:00:00.000Z"],
	];
	for (const [value, iso] of times)
		it(`is read from ${JSON.stringify(value)}`, () => {
			const time = importedTime("created_at", value);
			assert.deepEqual([new Date(time?.at ?? 0).toISOString(), time?.isLocal], [iso, false]);
		});

	for (const value of ["2024-07-01T08:00:00", "2024-07-01 08:00", "2024-07-01 08:00:00.123456"])
		it(`is local, which is told, where it names no zone: ${value}`, () => {
			const at = Date.parse(value.replace(" ", "T"));
			assert.deepEqual(importedTime("date", value), { at, isLocal: true });
			assert.deepEqual(kinds({ text: "a", date: value }), ["local-time"]);
		});

	for (const value of ["soon", "2024-13-01", "2024-02-30 10:00:00", "31.05.2026", true, {}, 1e300])
		it(`is refused with its value where there is none such: ${JSON.stringify(value)}`, () => {
			assert.throws(
				() => importedTime("timestamp", value),
				(error) => error instanceof InputError && /^timestamp=.*ISO 8601/.test(error.message),
			);
		});

	it("is told where it is in the future or before there were such programs", () => {
		for (const created of ["2093-01-01", 0, "1970-01-01", now / 1000 + 200_000])
			assert.deepEqual(kinds({ text: "a", created_at: created }), ["odd-time"]);
		assert.deepEqual(kinds({ text: "a", created_at: now + 3_600_000 }), []);
	});
});

describe("A record of another memory", () => {
	const aliases: readonly (readonly [record: object, text: string, at?: string])[] = [
		[{ memory: "a", created_at: "2024-07-01", updated_at: "2024-07-01T00:00:00Z" }, "a", "2024-07-01"],
		[{ content: "a", created_at: 1_719_792_000, created_at_iso: "2024-07-01T00:00:00Z" }, "a", "2024-07-01"],
		[{ data: "a", createdAt: 1_719_792_000_000 }, "a", "2024-07-01"],
		[{ fact: "a", timestamp: "1719792000" }, "a", "2024-07-01"],
		[{ text: "a", content: "a", date: "2024-07-01" }, "a", "2024-07-01"],
		[{ text: "", content: "a", updatedAt: "2024-07-01" }, "a", "2024-07-01"],
		[{ data: { some: "thing" }, memory: "a", created_at: null, date: "" }, "a"],
	];
	for (const [record, text, at] of aliases)
		it(`is understood: ${JSON.stringify(record)}`, () => {
			const { requests } = read(record);
			assert.deepEqual(
				requests.map((each) => [each.text, each.createdAt]),
				[[text, at === undefined ? undefined : Date.parse(at)]],
			);
		});

	it("keeps fields that we do not have as metadata, and names those that it cannot keep", () => {
		const { requests, remarks } = read({
			text: "a",
			id: "7",
			hash: "f00",
			user_id: "bob",
			tags: ["ops"],
			project: "shop",
			source: { file: "notes.md" },
			nothing: null,
			none: [],
			embedding: [0.1, 0.2],
			body: "x".repeat(2000),
			updated_at: "2024-07-01T10:00:00Z",
			created_at: "2024-07-01T08:00:00Z",
			metadata: { tags: "own", topic: "b" },
		});
		const metadata = {
			tags: "own",
			topic: "b",
			user_id: "bob",
			project: "shop",
			source: { file: "notes.md" },
		};
		assert.deepEqual(requests[0]?.metadata, metadata);
		assert.deepEqual(
			{ ...Object.groupBy(remarks, ({ kind }) => kind) },
			{
				dropped: ["hash", "tags", "embedding", "body", "updated_at"].map((field) => ({
					kind: "dropped",
					field,
				})),
				metadata: ["user_id", "project", "source"].map((field) => ({ kind: "metadata", field })),
			},
		);
	});

	it("is not refused for the sum of its fields", () => {
		const many = Object.fromEntries(
			Array.from({ length: 30 }, (_, index) => [`field${index}`, "x".repeat(900)]),
		);
		const { requests, remarks } = read({ text: "a", metadata: { own: 1 }, ...many });
		assert.deepEqual(requests[0]?.metadata, { own: 1 });
		assert.equal(remarks.filter(({ kind }) => kind === "dropped").length, 30);
	});

	it("may be a text, an entity or a relation", () => {
		const texts = (value: unknown) => read(value).requests.map(({ text }) => text);
		assert.deepEqual(texts("a fact"), ["a fact"]);
		const nora = { type: "entity", name: "Nora", entityType: "person" };
		assert.deepEqual(texts({ ...nora, observations: ["Likes tea", "Speaks Finnish"] }), [
			"Nora: Likes tea",
			"Nora: Speaks Finnish",
		]);
		assert.deepEqual(texts({ ...nora, observations: [] }), ["Nora (person)"]);
		assert.deepEqual(texts({ type: "relation", from: "Nora", to: "Acme", relationType: "works_at" }), [
			"Nora works at Acme",
		]);
		assert.deepEqual(texts({ source: "Nora", relationship: "likes", target: "tea" }), ["Nora likes tea"]);
	});

	it("that its program has deleted is left out, which is told", () => {
		for (const mark of [
			{ state: "deleted" },
			{ is_deleted: 1 },
			{ deleted: true },
			{ deleted_at: "2024-07-01" },
		])
			assert.deepEqual(read({ text: "a", ...mark }), { requests: [], remarks: [{ kind: "deleted" }] });
		for (const mark of [{ state: "active" }, { is_deleted: 0 }, { deleted: false }, { deleted_at: null }])
			assert.equal(read({ text: "a", ...mark }).requests.length, 1);
	});

	it("that has no text is refused with what it has", () => {
		for (const value of [
			{ title: "a", body: "b" },
			{ name: "a", observations: [1] },
		])
			assert.throws(
				() => read(value),
				(error) =>
					error instanceof InputError &&
					error.field === "shape" &&
					error.message.includes(Object.keys(value)[1] ?? ""),
			);
	});

	it("keeps all digits of its numbers, as text where they would be lost, and says so", () => {
		const json = '{"text":"a","metadata":{"n":1e999,"id":12345678901234567890,"list":[-1e400,1e300,7]}}';
		const { requests, remarks } = parseRecord(json, undefined);
		assert.deepEqual(requests[0]?.metadata, {
			n: "1e999",
			id: "12345678901234567890",
			list: ["-1e400", 1e300, 7],
		});
		assert.deepEqual(remarks, [{ kind: "number-as-text" }]);
		const ns = parseRecord('{"text":"a","timestamp":1754300000250000000}', undefined);
		assert.deepEqual([ns.requests[0]?.createdAt, ns.remarks], [1_754_300_000_250, []]);
	});

	it("with letters that were lost before is told", () => {
		assert.deepEqual(kinds({ text: "Z\ufffdrich" }), ["lost-letters"]);
	});
});
