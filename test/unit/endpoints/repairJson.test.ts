import assert from "node:assert/strict";
import { readVectors } from "../../../src/endpoints/openai/vectorAnswer.ts";
import { repairJson } from "../../../src/endpoints/repairJson.ts";
import { factsOf } from "../../../src/memory/saving/factsAnswer.ts";

const isFacts = (value: unknown, alone: boolean) => factsOf(value, alone) !== undefined;

describe("JSON in a model's answer", () => {
	const json = '{"memory":[{"id":"0","text":"Ada says \\"{hi}\\" [often]"},{"id":"1","text":"Bob"}]}';
	const value = JSON.parse(json) as unknown;
	const found: Readonly<Record<string, string>> = {
		alone: json,
		"in a fence": `\`\`\`json\n${json}\n\`\`\``,
		"in prose": `Sure! Here are the memories [1]: ${json} I hope {this} helps.`,
		"after thoughts": `<think>Maybe {"memory":[]}? No.</think>\n${json}`,
		"after thoughts whose beginning is missing": `Maybe {"memory":[]}? No.</think>${json}`,
		"with special tokens": `${json}<|im_end|>`,
		"with a comma too many": json.replace("]}", ",]}"),
	};
	for (const [name, answer] of Object.entries(found)) {
		it(`is found ${name}`, () => assert.deepEqual(repairJson(answer, isFacts), { value, whole: true }));
	}

	for (const text of [
		"Strip <think>...</think> blocks before parsing",
		"Alpha uses <think> tags",
		"Reasoning ends with </think>",
		"The stop token is <|im_end|> for Qwen",
	])
		for (const before of ["", "```json\n", "<think>{hm}</think>\n", "Maybe {this}?</think>"])
			it(`keeps ${JSON.stringify(text)} in a fact after ${JSON.stringify(before)}`, () =>
				assert.deepEqual(repairJson(`${before}${JSON.stringify({ memory: [text] })}`, isFacts), {
					value: { memory: [text] },
					whole: true,
				}));

	const lists = {
		alone: '["Ada lives in Paris"]',
		"in a fence within prose": 'Here they are:\n```json\n["Ada lives in Paris"]\n```\nAnything else?',
		"after thoughts": '<think>["no"]</think> ["Ada lives in Paris"]',
	};
	for (const [name, answer] of Object.entries(lists))
		it(`is found as a bare list ${name}`, () =>
			assert.deepEqual(repairJson(answer, isFacts)?.value, ["Ada lives in Paris"]));

	const none = [
		"",
		"I have no idea.",
		'<think>{"memory":[]}',
		"{ not json }",
		"[1] and [2]",
		'The text names ["Ada", "Paris"] and nothing else.',
		"There is nothing to remember: [].",
		'I looked for ["Ada", "Par',
	];
	for (const answer of none) {
		it(`is not found in ${JSON.stringify(answer)}`, () =>
			assert.equal(repairJson(answer, isFacts), undefined));
	}

	it("is never a part of an answer that was cut off, or of one that is something else", () => {
		const cut = '{"memory":[{"id":"0","text":"Ada","linked_memory_ids":["some-id"]},{"id":"1","te';
		assert.deepEqual(factsOf(repairJson(cut, isFacts)?.value, true), ["Ada"]);
		assert.equal(repairJson(cut, isFacts)?.whole, false);
		assert.equal(repairJson('{"memory":[{"id":"0","linked_memory_ids":["some-id"],"te', isFacts), undefined);
		const later = '{"memory":[{"id":"0","text":"Ada"},{"id":"1","linked_memory_ids":["some-id"],"te';
		assert.deepEqual(factsOf(repairJson(later, isFacts)?.value, true), ["Ada"]);
		assert.equal(repairJson('{"error":{"details":["model overloaded"]}}', isFacts), undefined);
	});

	it("that is cut off anywhere keeps what stood complete, and never passes for whole", () => {
		const whole = JSON.stringify(value);
		let kept = 0;
		for (let length = 0; length < whole.length; length += 1) {
			const answer = repairJson(whole.slice(0, length), isFacts);
			if (!answer) continue;
			assert.equal(answer.whole, false);
			for (const text of factsOf(answer.value, true) ?? []) {
				assert.ok(whole.includes(JSON.stringify(text)), text);
				kept += 1;
			}
		}
		assert.ok(kept > 0);
		assert.deepEqual(factsOf(repairJson(whole.slice(0, -6), isFacts)?.value, true), [
			'Ada says "{hi}" [often]',
		]);
	});
});

describe("The facts in an answer", () => {
	const forms: readonly (readonly [unknown, readonly string[] | undefined])[] = [
		[{ memory: [{ id: "0", text: "A" }, { fact: "B" }, "C", { text: "  " }] }, ["A", "B", "C"]],
		[{ facts: ["A"] }, ["A"]],
		[
			["A", { memory: "B" }],
			["A", "B"],
		],
		[{ memory: [] }, []],
		[{ memory: [7] }, undefined],
		[{ memory: "A" }, undefined],
		[{ answer: ["A"] }, undefined],
		["A", undefined],
		[null, undefined],
	];
	for (const [given, facts] of forms)
		it(`are ${JSON.stringify(facts) ?? "none that can be told"} in ${JSON.stringify(given)}`, () =>
			assert.deepEqual(factsOf(given, true), facts));
});

describe("The vectors in an answer", () => {
	const read = (data: unknown, inputs = 2) => readVectors({ data }, inputs, "http://x/v1/embeddings");
	const item = (embedding: unknown, index?: number) => ({ embedding, index });
	const base64 = (values: number[]) => Buffer.from(new Float32Array(values).buffer).toString("base64");

	it("have length 1, in the order of the texts", () => {
		const [a, b] = read([item([0, 2], 1), item([3, 4], 0)]);
		assert.deepEqual(
			[...(a ?? [])].map((each) => Math.round(each * 10)),
			[6, 8],
		);
		assert.deepEqual([...(b ?? [])], [0, 1]);
	});

	it("are understood as base64, and wrapped once more", () => {
		assert.deepEqual([...(read([item(base64([0, 5]))], 1)[0] ?? [])], [0, 1]);
		assert.deepEqual([...(read([item([[0, 5]])], 1)[0] ?? [])], [0, 1]);
	});

	const bad: Readonly<Record<string, readonly [unknown, RegExp]>> = {
		zeros: [[item([0, 0], 0), item([1, 0], 1)], /zeros/],
		"NaN as null": [[item([null, 1], 0), item([1, 0], 1)], /NaN/],
		"fewer than texts": [[item([1, 0], 0)], /gave 1 vectors for 2 texts/],
		"more than texts": [[item([1], 0), item([1], 1), item([1], 2)], /gave 3 vectors for 2 texts/],
		"two for one text": [[item([1, 0], 0), item([0, 1], 0)], /cannot be told apart/],
		"different widths": [[item([1, 0], 0), item([1], 1)], /different widths/],
		"no vectors at all": [[item("", 0), item({}, 1)], /not a vector/],
		"no data": [undefined, /without data/],
	};
	for (const [name, [data, says]] of Object.entries(bad))
		it(`are refused: ${name}`, () => assert.throws(() => read(data), says));
});
