import assert from "node:assert/strict";
import { readVectors } from "../../../src/endpoints/openai/vectorAnswer.ts";
import { repairJson } from "../../../src/endpoints/repairJson.ts";
import { readFacts } from "../../../src/memory/saving/factsAnswer.ts";

const factsOf = (value: unknown, alone: boolean) => readFacts(value, alone)?.facts.map(({ text }) => text);
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
		"before turns of others": `${json}<|im_end|>\n<|im_start|>user\nMore?<|im_end|>{"memory":["Bob is nobody"]}`,
		"with a comma too many": json.replace("]}", ",]}"),
	};
	for (const [name, answer] of Object.entries(found)) {
		it(`is found ${name}`, () => assert.deepEqual(repairJson(answer, isFacts), { value, whole: true }));
	}

	const draft = '{"memory":["WRONG DRAFT"]}';
	const afterDrafts: Readonly<Record<string, string>> = {
		"gpt-oss's channels": `<|channel|>analysis<|message|>Said: ${draft}<|end|><|start|>assistant<|channel|>final<|message|>${json}<|return|>`,
		"gpt-oss's channels, with a constraint": `<|channel|>analysis<|message|>${draft}<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>${json}`,
		"gpt-oss's analysis alone": `<|channel|>analysis<|message|>${draft}<|end|><|start|>assistant${json}`,
		"gpt-oss's channels without special tokens": `analysisA draft: ${draft} fine.assistantfinal${json}`,
		"Gemma's channels": `<|channel>thought\n${draft}<channel|>${json}`,
		"Mistral's thoughts": `[THINK]Draft: ${draft}[/THINK]${json}`,
		"Seed's thoughts": `<seed:think>Draft: ${draft}</seed:think>${json}`,
		"Kimi's thoughts": `◁think▷Draft: ${draft}◁/think▷${json}`,
		"Cohere's thoughts": `<|START_THINKING|>${draft}<|END_THINKING|>${json}`,
		"thoughts in capitals": `<THOUGHT>${draft}</THOUGHT>${json}`,
		"thoughts whose beginning is missing": `Draft: ${draft}[/THINK]${json}`,
		"a first attempt in a fence": `First:\n\`\`\`json\n${draft}\n\`\`\`\nFinal answer:\n\`\`\`json\n${json}\n\`\`\``,
		"a first attempt in prose": `I start with ${draft}. No: ${json}`,
		"a bracket in prose that never ends": `{"memory: [..] is the form. Draft {x </think>${json}`,
	};
	for (const [name, answer] of Object.entries(afterDrafts))
		it(`is the last, after ${name}`, () =>
			assert.deepEqual(repairJson(answer, isFacts), { value, whole: true }));

	it("is never taken from thoughts that do not end", () => {
		for (const begin of ["<think>", "[THINK]", "<|channel|>analysis<|message|>", "analysisThe user: "])
			assert.equal(repairJson(`${begin}${draft}`, isFacts), undefined, begin);
	});

	it("is not taken for whole if another was begun after it", () => {
		for (const end of ['{"memory":[{"te', '{"memory":["Ada "the" cat"]}'])
			assert.equal(repairJson(`${json} Or rather: ${end}`, isFacts)?.whole, false);
	});

	it("keeps each character of its strings, whatever has to be repaired around them", () => {
		const texts = [
			'Write ", }" or ",]" here',
			"a, ] b",
			"``` <think>x</think> <|im_end|>",
			"two\nlines",
			"\\d\t/",
		];
		for (const text of texts) {
			const repaired = repairJson(`{"memory":[${JSON.stringify(text)} , ],\n}`, isFacts);
			assert.deepEqual(repaired, { value: { memory: [text] }, whole: true });
		}
		assert.deepEqual(repairJson('{"memory":["two\n\tlines",]}', isFacts)?.value, {
			memory: ["two\n\tlines"],
		});
	});

	describe("of any length", function () {
		// Quadratic reading takes minutes.
		this.timeout(10_000);
		const runaway: Readonly<Record<string, string>> = {
			"open brackets in prose": "{x ".repeat(160_000),
			"open keys": '{"x '.repeat(120_000),
			"nested objects": '{"a":'.repeat(100_000),
			"nested arrays": "[".repeat(500_000),
			"arrays one in the other": '[["a"],'.repeat(60_000),
			"white space between brackets": "[          ".repeat(45_000),
			lists: "[1] ".repeat(120_000),
			"broken objects": `${'{"memory":[{"text":"a"},'.repeat(20_000)}!`,
			thoughts: "<think>".repeat(70_000),
			"special tokens": "<|a|> ".repeat(80_000),
		};
		for (const [name, answer] of Object.entries(runaway))
			it(`is looked for once in ${name}`, () => assert.equal(repairJson(answer, isFacts), undefined));

		it("is cut off where it is longer than any answer, and never passes for whole", () => {
			assert.equal(repairJson(" ".repeat(60_000_000), isFacts), undefined);
			const answer = repairJson(`${json}${" ".repeat(60_000_000)}`, isFacts);
			assert.deepEqual(answer, { value, whole: false });
			const endless = repairJson(`{"memory":[${'"Ada is here",'.repeat(100_000)}`, isFacts);
			assert.deepEqual([factsOf(endless?.value, true), endless?.whole], [["Ada is here"], false]);
		});
	});

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
		[{ memory: ["A", 7, {}, null] }, ["A"]],
		[{ memory: ["A", "A", "B"] }, ["A", "B"]],
		[{ memory: "A" }, undefined],
		[{ answer: ["A"] }, undefined],
		["A", undefined],
		[null, undefined],
	];
	for (const [given, facts] of forms)
		it(`are ${JSON.stringify(facts) ?? "none that can be told"} in ${JSON.stringify(given)}`, () =>
			assert.deepEqual(factsOf(given, true), facts));
});

describe("The facts that are taken from an answer", () => {
	it("are all of it only if each has a text, and there are no more than 100", () => {
		const numbered = (count: number) => Array.from({ length: count }, (_, index) => `Fact ${index}`);
		const taken = (value: unknown) => [factsOf(value, true), readFacts(value, true)?.whole];
		assert.deepEqual(taken(["A", "B"]), [["A", "B"], true]);
		assert.deepEqual(taken(["A", " "]), [["A"], false]);
		assert.deepEqual(taken(["A", { id: "1" }]), [["A"], false]);
		assert.deepEqual(taken(numbered(100)), [numbered(100), true]);
		assert.deepEqual(taken(numbered(3000)), [numbered(100), false]);
	});
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
		"fewer than texts": [[item([1, 0], 0)], /gave 1 vector for 2 texts/],
		"more than texts": [[item([1], 0), item([1], 1), item([1], 2)], /gave 3 vectors for 2 texts/],
		"two for one text": [[item([1, 0], 0), item([0, 1], 0)], /cannot be told apart/],
		"different widths": [[item([1, 0], 0), item([1, 0, 0], 1)], /different widths/],
		"no vectors at all": [[item("", 0), item({}, 1)], /not a vector/],
		"no data": [undefined, /without data/],
	};
	for (const [name, [data, says]] of Object.entries(bad))
		it(`are refused: ${name}`, () => assert.throws(() => read(data), says));
});
