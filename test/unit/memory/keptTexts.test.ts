import assert from "node:assert/strict";
import { endpointFixture, saved, settled, texts } from "../../support/fixtures/endpointFixture.ts";
import type { ChatReply } from "../../support/openaiServer/types.ts";

const text = "Ada moved to Lisbon and she uses tabs.";
const facts = ["Ada moved to Lisbon.", "Ada uses tabs."];

const answer = (given: readonly unknown[]) => JSON.stringify({ memory: given });

describe("A text whose facts do not say what it says", function () {
	this.timeout(30_000);
	const memory = endpointFixture();

	async function saving(reply: ChatReply, known: readonly string[] = []) {
		const server = await memory.server({ chat: () => reply });
		const service = await memory.openOn(server);
		for (const each of known) await service.save({ text: each, infer: false });
		const result = await service.save({ text });
		return { server, service, result, note: result.note ?? "" };
	}

	for (const [what, given] of [
		["the facts of some example", ["Name is John", "Is a Software engineer"]],
		["placeholders", ["<fact>", "..."]],
		["the example of our prompt", ["User deploys Alpha with make ship, from the main branch only"]],
	] as const)
		it(`is kept word for word where the model gives ${what}, and the answer says so`, async () => {
			const { service, result, note } = await saving({ content: answer(given) });
			assert.deepEqual(saved(result), [`ADD ${text}`]);
			assert.equal(result.mode, "verbatim");
			assert.match(note, /nothing to do with the text, so the text itself is kept/);
			assert.deepEqual(await texts(service), [text]);
		});

	it("is kept without an example of the prompt that has a word in common with it", async () => {
		const example = "User deploys Alpha with make ship, from the main branch only.";
		const server = await memory.server({ chat: () => ({ content: answer([example]) }) });
		const service = await memory.openOn(server);
		await service.save({ text: "We deploy Gamma by hand" });
		assert.deepEqual(await texts(service), ["We deploy Gamma by hand"]);
	});

	it("is replaced by a fact that the prompt happens to have as an example", async () => {
		const example = "User deploys Alpha with make ship, from the main branch only";
		const server = await memory.server({ chat: () => ({ content: answer([example]) }) });
		const service = await memory.openOn(server);
		await service.save({ text: "I deploy Alpha with make ship from the main branch only" });
		assert.deepEqual(await texts(service), [example]);
	});

	it("is kept beside the facts without those that have nothing to do with it", async () => {
		const { service } = await saving({ content: answer(["Ada moved to Lisbon.", "Name is John"]) });
		assert.deepEqual(await texts(service), [text, "Ada moved to Lisbon."]);
	});

	it("has facts that only the conversation explains", async () => {
		const server = await memory.server({ chat: () => ({ content: answer(["Rex likes carrots"]) }) });
		const service = await memory.openOn(server);
		await service.save({ text: "Ada's dog is called Rex", conversationId: "c", infer: false });
		await service.save({ text: "He likes carrots", conversationId: "c" });
		assert.deepEqual(await texts(service), ["Ada's dog is called Rex", "Rex likes carrots"]);
	});

	it("stays where the model answers only with what is known already", async () => {
		const known = "Ada uses tabs.";
		const { service, result, note } = await saving({ content: answer([known]) }, [known]);
		assert.deepEqual(saved(result), [`DUPLICATE ${known}`, `ADD ${text}`]);
		assert.deepEqual(result.pending, []);
		assert.match(note, /do not cover the whole text, so the text itself is kept/);
		assert.equal((await service.search({ query: "Lisbon" })).memories[0]?.text, text);
	});

	const partial: Readonly<Record<string, readonly [ChatReply, RegExp]>> = {
		"leave out a half of it": [{ content: answer(facts.slice(0, 1)) }, /do not cover the whole text/],
		"were cut off by a content filter": [
			{ content: answer(facts.slice(0, 1)).slice(0, -2), finish_reason: "content_filter" },
			/incomplete/,
		],
		"are complete, but a content filter ended the answer": [
			{ content: answer(facts), finish_reason: "content_filter" },
			/incomplete/,
		],
		"have one without a text": [{ content: answer([...facts, { id: "2", text: "" }]) }, /incomplete/],
		"have one of another form": [{ content: answer([...facts, 7]) }, /incomplete/],
		"are too many": [
			{ content: answer(Array.from({ length: 3000 }, (_, index) => `Ada uses tabs in file ${index}`)) },
			/incomplete/,
		],
	};
	for (const [what, [reply, why]] of Object.entries(partial))
		it(`is kept beside facts that ${what}, and the answer says so`, async () => {
			const { service, result, note } = await saving(reply);
			assert.ok(saved(result).includes(`ADD ${text}`));
			assert.match(note, why);
			const kept = await texts(service);
			assert.ok(kept.includes(text));
			assert.ok(kept.length > 1 && kept.length <= 101);
		});

	it("is kept beside the facts of a draft where the answer was cut off after it", async () => {
		const content = `A draft: ${answer(facts)}. That misses a lot of`;
		const { service, note } = await saving({ content, finish_reason: "length" });
		assert.deepEqual(await texts(service), [text, ...facts]);
		assert.match(note, /incomplete/);
	});

	for (const [what, reply, words] of [
		["refuses", { content: null, refusal: "I cannot help with that." }, /“I cannot help with that”/],
		["is stopped by a content filter", { content: "", finish_reason: "content_filter" }, /“content_filter”/],
		[
			"has an error in its choice",
			{ content: null, error: { message: "Provider ran out of GPUs", code: 502 } },
			/HTTP 502.*“Provider ran out of GPUs”/,
		],
	] as const)
		it(`is kept where the model ${what}, which is told in the server's words`, async () => {
			const { server, service, note } = await saving(reply);
			assert.match(note, words);
			assert.equal(server.count("chat"), 1);
			assert.deepEqual(await texts(service), [text]);
		});

	it("reaches the memory unchanged, whatever is in its facts", async () => {
		const odd =
			'Ada ends lists with ", }" or ",]" and ``` and <think>x</think> and <|im_end|> in Lisbon, she uses tabs';
		const { service } = await saving({ content: `{"memory":[${JSON.stringify(odd)}, ]}` });
		assert.deepEqual(await texts(service), [odd]);
	});

	it("does not take a fact of another save with it when it is distilled later", async () => {
		const replies = [answer([text]), answer(["Ada uses tabs.", "Ada has moved to Lisbon."])];
		const server = await memory.server({ chat: () => ({ content: replies.shift() ?? "" }) });
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 500 }, { role: "chat", times: 3 });
		assert.deepEqual((await service.save({ text })).pending, ["distillation"]);
		server.mend();
		await service.save({ text: `${text} That is all.` });
		await settled(service);
		assert.ok((await texts(service)).includes(text));
	});
});
