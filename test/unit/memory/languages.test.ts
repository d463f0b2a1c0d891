import assert from "node:assert/strict";
import { foundTexts, serviceFixture } from "../../support/fixtures/serviceFixture.ts";

/** The built-in model reads none of them: what is found here is found by its words. */
const languages: readonly (readonly [
	name: string,
	texts: readonly string[],
	asked: readonly (readonly [query: string, answer: number])[],
])[] = [
	[
		"Chinese",
		["数据库在五四三三端口上运行", "我们每个星期五发布新版本", "小明喜欢喝绿茶", "会议室在三楼"],
		[
			["数据库的端口是什么", 0],
			["什么时候发布新版本", 1],
			["绿茶", 2],
		],
	],
	[
		"Japanese",
		[
			"データベースは大阪のサーバーにあります",
			"毎週金曜日にリリースします",
			"田中さんは猫が好きです",
			"会議は三階で行います",
		],
		[
			["データベースはどこ", 0],
			["リリースはいつ", 1],
			["猫が好きな人", 2],
		],
	],
	[
		"Thai",
		["ฐานข้อมูลอยู่ที่เซิร์ฟเวอร์ในกรุงเทพ", "เราออกเวอร์ชันใหม่ทุกวันศุกร์", "สมชายชอบดื่มกาแฟเย็น", "ห้องประชุมอยู่ชั้นสาม"],
		[
			["ฐานข้อมูลอยู่ที่ไหน", 0],
			["ออกเวอร์ชันใหม่วันไหน", 1],
			["กาแฟ", 2],
		],
	],
];

describe("Languages without spaces", () => {
	const memory = serviceFixture();
	for (const [name, texts, asked] of languages) {
		it(`are found by keyword: ${name}`, async () => {
			for (const text of texts) await memory.service.save({ text });
			for (const [query, expected] of asked)
				assert.equal((await foundTexts(memory, query))[0], texts[expected], query);
		});
	}
});

describe("What came with a memory", () => {
	const memory = serviceFixture();

	it("finds it: short values of its metadata, and its project's name", async () => {
		const project = { id: "example.com/team/zeppelin", name: "zeppelin" };
		await memory.service.save({
			text: "The port is 5433",
			metadata: { speaker: "Griselda", tags: ["walnut"] },
		});
		await memory.service.save({ text: "Reviews come first", scope: "project", project });
		assert.deepEqual(await foundTexts(memory, "Griselda"), ["The port is 5433"]);
		assert.deepEqual(await foundTexts(memory, "walnut"), ["The port is 5433"]);
		assert.deepEqual(await foundTexts(memory, "zeppelin", { project }), ["Reviews come first"]);
	});

	it("still finds it after a change, a deletion and a restoration", async () => {
		const saved = await memory.service.save({ text: "The port is 5433", metadata: { speaker: "Griselda" } });
		const id = saved.memories[0]?.id;
		await memory.service.update(id, "The port is 5434");
		assert.deepEqual(await foundTexts(memory, "Griselda"), ["The port is 5434"]);
		await memory.service.delete(id);
		assert.deepEqual(await foundTexts(memory, "Griselda"), []);
		await memory.service.restore(id);
		assert.deepEqual(await foundTexts(memory, "Griselda"), ["The port is 5434"]);
	});

	it("finds it by the words beside it in its conversation", async () => {
		const conversationId = "talk";
		const talk = [
			"How shall we name the new kubernetes cluster?",
			"Andromeda sounds good to me",
			"The coffee machine is broken again",
		];
		for (const text of talk) await memory.service.save({ text, conversationId });
		await memory.service.save({ text: "Perseus sounds good to me" });
		const found = await foundTexts(memory, "What is the name of the kubernetes cluster?", { limit: 2 });
		assert.deepEqual(found, talk.slice(0, 2));
	});
});
