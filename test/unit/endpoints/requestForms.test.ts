import assert from "node:assert/strict";
import {
	completion,
	inputs,
	notesInMemory,
	type ScriptedBody,
	scriptedServer,
	vectorsFor,
} from "../../support/fixtures/scriptedServer.ts";

const question = { system: "Answer in one word.", user: "Where does Ada live?" };

type Refuse = (body: ScriptedBody) => string | undefined;

/** What a server refuses in its own words, and what it gets once that is known. */
const refusing: Readonly<Record<string, readonly [Refuse, (body: ScriptedBody) => boolean]>> = {
	"a system message": [
		({ messages }) =>
			(messages as { role: string }[]).some(({ role }) => role === "system")
				? "Conversation roles must alternate user/assistant/user/assistant/..."
				: undefined,
		({ messages }) => JSON.stringify(messages).includes(`${question.system}\\n\\n${question.user}`),
	],
	"an answer in one piece": [
		({ stream }) =>
			stream ? undefined : "This model only support stream mode, please enable the stream parameter.",
		({ stream }) => stream === true,
	],
	"thinking without a stream": [
		({ enable_thinking, chat_template_kwargs }) =>
			enable_thinking === false || chat_template_kwargs
				? undefined
				: "parameter.enable_thinking must be set to false for non-streaming calls",
		({ enable_thinking }) => enable_thinking === false,
	],
	"both thinking and not to think, where nothing streams": [
		({ enable_thinking, stream }) =>
			stream
				? undefined
				: enable_thinking === undefined
					? "parameter.enable_thinking must be set to false for non-streaming calls"
					: "The value of the enable_thinking parameter is restricted to True.",
		({ stream, enable_thinking }) => stream === true && enable_thinking === undefined,
	],
	"every limit of tokens": [
		(body) =>
			["max_tokens", "max_completion_tokens"]
				.filter((name) => name in body)
				.map((name) => `Unrecognized request argument supplied: ${name}`)[0],
		(body) => !("max_tokens" in body) && !("max_completion_tokens" in body),
	],
	"temperature and format": [
		(body) =>
			"temperature" in body
				? "Unsupported value: 'temperature' does not support 0.2 with this model."
				: "response_format" in body
					? "This response_format type is unavailable now"
					: undefined,
		(body) => !("temperature" in body) && !("response_format" in body),
	],
};

const schema = { name: "facts", schema: { type: "object" } };

describe("A chat model whose server refuses", function () {
	this.timeout(20_000);

	for (const [what, [refuse, isRight]] of Object.entries(refusing))
		for (const status of [400, 500])
			it(`${what} (${status}): is asked in another form, at once from then on`, async () => {
				const server = await scriptedServer((body) => {
					const why = refuse(body);
					return why === undefined ? completion("Paris") : [status, why];
				});
				const notes = notesInMemory();
				assert.equal((await server.chat(notes).complete(question, { schema })).text, "Paris");
				assert.ok(isRight(server.bodies.at(-1) ?? {}));
				const before = server.bodies.length;
				await server.chat(notes).complete(question, { schema });
				assert.equal(server.bodies.length, before + 1);
				server.close();
			});

	it("what it once took, because it is another now: is asked in the best form again", async () => {
		let streamsOnly = true;
		const server = await scriptedServer(({ stream }) => {
			if (Boolean(stream) === streamsOnly) return completion("Paris");
			return [400, streamsOnly ? "This model only support stream mode" : "'stream' does not support true"];
		});
		const notes = notesInMemory();
		await server.chat(notes).complete(question);
		streamsOnly = false;
		const chat = server.chat(notes);
		await chat.complete(question);
		assert.deepEqual(
			server.bodies.map(({ stream }) => stream ?? false),
			[false, true, true, false],
		);
		await chat.complete(question);
		assert.equal(server.bodies.length, 5);
		server.close();
	});

	it("a form, and whose model is then replaced: learns what the new one can do", async () => {
		let model = "one";
		const server = await scriptedServer((body) =>
			model === "one" && "temperature" in body
				? [400, "temperature is deprecated"]
				: completion("Paris", { model }),
		);
		const chat = server.chat();
		await chat.complete(question);
		model = "two";
		await chat.complete(question);
		await chat.complete(question);
		assert.deepEqual(
			server.bodies.map((body) => "temperature" in body),
			[true, false, false, true],
		);
		server.close();
	});

	it("so many tokens of an answer without a number: is asked for half of it, and not for one less", async () => {
		const server = await scriptedServer(({ max_tokens }) =>
			Number(max_tokens) > 600 ? [400, "max_tokens is too large"] : completion("Paris"),
		);
		const chat = server.chat();
		await chat.complete(question);
		await chat.complete(question);
		assert.deepEqual(
			server.bodies.map(({ max_tokens }) => max_tokens),
			[2000, 1000, 500, 500],
		);
		server.close();
	});

	it("question and answer together: is asked for a shorter answer", async () => {
		const server = await scriptedServer(({ max_tokens }) =>
			Number(max_tokens) > 1000
				? [
						400,
						`'max_tokens' or 'max_completion_tokens' is too large: ${max_tokens}. This model's maximum context length is 1024 tokens and your request has 20 input tokens.`,
					]
				: completion("Paris"),
		);
		const chat = server.chat();
		assert.equal((await chat.complete(question)).text, "Paris");
		assert.equal(chat.contextLength, 1024);
		await chat.complete(question);
		assert.equal(server.bodies.length, 3);
		server.close();
	});

	it("nothing, but whose model only thinks until its tokens are used up: is told not to think from then on", async () => {
		const message = { role: "assistant", content: "", reasoning_content: "Let me see" };
		const server = await scriptedServer(({ enable_thinking }) =>
			enable_thinking === false
				? completion("Paris")
				: completion("", { choices: [{ index: 0, message, finish_reason: "length" }] }),
		);
		const chat = server.chat();
		assert.equal((await chat.complete(question)).truncated, true);
		assert.equal((await chat.complete(question)).text, "Paris");
		server.close();
	});
});

describe("What was learned of a server", () => {
	it("is forgotten after two weeks, also by a process that runs on, or if the clock was ahead", async () => {
		const server = await scriptedServer((body) =>
			"temperature" in body ? [400, "temperature is deprecated"] : completion("Paris"),
		);
		const { now } = Date;
		const notes = notesInMemory();
		const chat = server.chat(notes);
		try {
			await chat.complete(question);
			assert.equal(server.bodies.length, 2);
			for (const days of [15, -15]) {
				Date.now = () => now() + days * 86_400_000;
				const before: number = server.bodies.length;
				await server.chat(notes).complete(question);
				assert.equal(server.bodies.length, before + 2);
			}
		} finally {
			Date.now = now;
			server.close();
		}
	});
});

describe("An embedding model whose server refuses", () => {
	for (const message of [
		"litellm.UnsupportedParamsError: ollama does not support parameters: {'encoding_format': 'float'}, for model=bge-m3.",
		"extra fields not permitted: ['encoding_format']",
	])
		it(`a format of its vectors: is asked without one. “${message.slice(0, 40)}”`, async () => {
			const server = await scriptedServer((body) =>
				"encoding_format" in body ? [400, message] : vectorsFor(body),
			);
			const notes = notesInMemory();
			await server.embedder(notes).embed(["Ada lives in Paris."]);
			await server.embedder(notes).embed(["Bob lives in Rome."]);
			assert.deepEqual(
				server.bodies.map((body) => ["encoding_format" in body, ...inputs(body)]),
				[
					[true, "Ada lives in Paris."],
					[false, "Ada lives in Paris."],
					[false, "Bob lives in Rome."],
				],
			);
			server.close();
		});
});
