import assert from "node:assert/strict";
import { readBody } from "../../../src/endpoints/openai/readBody.ts";
import { inputs, scriptedServer, vectorsFor } from "../../support/fixtures/scriptedServer.ts";

const chunk = (content: string, more: object = {}) =>
	JSON.stringify({
		object: "chat.completion.chunk",
		model: "m",
		choices: [{ index: 0, delta: { content }, ...more }],
	});
const end = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const usage = JSON.stringify({ choices: [], usage: { prompt_tokens: 7 } });

/** Ways in which servers write the same answer, "Paris – Rome". */
const streams: Readonly<Record<string, string>> = {
	"as the specification has it": `data: ${chunk("Paris ")}\n\ndata: ${chunk("– Rome")}\n\ndata: ${end}\n\ndata: ${usage}\n\ndata: [DONE]\n\n`,
	"without spaces, with CRLF": `data:${chunk("Paris ")}\r\n\r\ndata:${chunk("– Rome")}\r\n\r\ndata:${end}\r\n\r\ndata:${usage}\r\n\r\ndata:[DONE]\r\n\r\n`,
	"with comments, names and a byte order mark": `\ufeff: OPENROUTER "PROCESSING\n\nevent: message\nid: 1\ndata: ${chunk("Paris ")}\n\n: ping\n\ndata: ${chunk("– Rome")}\n\ndata: ${end}\n\ndata: ${usage}\n\n`,
	"without empty lines and [DONE]": `data: ${chunk("Paris ")}\ndata: ${chunk("– Rome")}\ndata: ${end}\ndata: ${usage}`,
	"with CR alone": `data: ${chunk("Paris ")}\r\rdata: ${chunk("– Rome")}\r\rdata: ${end}\r\rdata: ${usage}\r\r`,
	"in one whole event": `data: ${JSON.stringify({ model: "m", choices: [{ index: 0, message: { content: "Paris – Rome" }, finish_reason: "stop" }], usage: { prompt_tokens: 7 } })}\n\n`,
	"with a role in each piece": `data: ${chunk("Paris ").replace('{"content"', '{"role":"assistant","content"')}\n\ndata: ${chunk("– Rome").replace('{"content"', '{"role":"assistant","content"')}\n\ndata: ${end}\n\ndata: ${usage}\n\n`,
};

interface Read {
	readonly choices: readonly {
		readonly message: { readonly content: string; readonly role?: string };
		readonly finish_reason: string;
	}[];
	readonly usage: { readonly prompt_tokens: number };
}

describe("An event stream", () => {
	for (const [how, stream] of Object.entries(streams))
		it(`is one answer, wherever its chunks are cut: ${how}`, async () => {
			const bytes = Buffer.from(stream);
			for (const size of [1, 2, 7, 64, bytes.length]) {
				const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
					bytes.subarray(at * size, (at + 1) * size),
				);
				const { choices, usage: counted } = JSON.parse(await readBody(chunks, 10_000)) as Read;
				assert.equal(choices[0]?.message.content, "Paris – Rome");
				assert.notEqual(choices[0]?.message.role, "assistantassistant");
				assert.equal(choices[0]?.finish_reason, "stop");
				assert.equal(counted.prompt_tokens, 7);
			}
		});

	it("ends at [DONE], although the connection stays open", async () => {
		async function* chunks() {
			yield Buffer.from(`data: ${chunk("Paris")}\n\ndata: [DONE]\n\n`);
			await new Promise(() => undefined);
		}
		assert.match(await readBody(chunks(), 10_000), /Paris/);
	});

	for (const [how, event] of Object.entries({
		"as an error": 'data: {"error":{"message":"Overloaded"}}',
		"as an event of its own": 'event: error\ndata: {"message":"Overloaded"}',
		flat: 'data: {"object":"error","message":"Overloaded"}',
		"in words": "event: error\ndata: Overloaded",
	}))
		it(`may say that something went wrong: ${how}`, async () => {
			const read = async (text: string) =>
				JSON.parse(await readBody([Buffer.from(text)], 10_000)) as { error: unknown; choices?: unknown };
			assert.match(JSON.stringify((await read(`${event}\n\n`)).error), /Overloaded/);
			const late = await read(`data: ${chunk("Par")}\n\n${event}\n\n`);
			assert.match(JSON.stringify(late.error), /Overloaded/);
		});

	it("is read only as long as an answer may be, and not where its JSON is too deep", async () => {
		const endless = function* () {
			for (;;) yield Buffer.from(`data: ${chunk("x".repeat(100))}\n\n`);
		};
		await assert.rejects(readBody(endless(), 100_000), { code: "TOO_LONG" });
		const oneLine = function* () {
			yield Buffer.from("data: ");
			for (;;) yield Buffer.alloc(1000, 65);
		};
		await assert.rejects(readBody(oneLine(), 100_000), { code: "TOO_LONG" });
		const deep = [Buffer.from(`data: ${"[".repeat(100)}\n\n`)];
		await assert.rejects(readBody(deep, 100_000), { code: "TOO_LONG" });
	});

	it("is not seen in other bodies", async () => {
		for (const body of ['{"data: ":1}', "date", "data", "", "  \n", "<html>data: x</html>"])
			assert.equal(
				await readBody(
					[...Buffer.from(body)].map((byte) => Buffer.of(byte)),
					1000,
				),
				body,
			);
	});
});

describe("A server that answers as an event stream unasked", () => {
	it("is understood by the chat", async () => {
		for (const stream of Object.values(streams)) {
			const server = await scriptedServer((_, response) => {
				response.writeHead(200, { "content-type": "text/event-stream" }).end(stream);
				return undefined;
			});
			const answer = await server.chat().complete({ system: "", user: "Where?" });
			assert.deepEqual(answer, { text: "Paris – Rome", truncated: false });
			server.close();
		}
	});

	it("is told in its own words when it fails in the middle", async () => {
		const server = await scriptedServer((_, response) => {
			response.end(
				`data: ${chunk("Par")}\n\ndata: {"error":{"message":"The provider went away","code":502}}\n\n`,
			);
			return undefined;
		});
		const asked = server.chat().complete({ system: "", user: "Where?" });
		await assert.rejects(asked, /The provider went away/);
		server.close();
	});

	it("is understood for embeddings", async () => {
		const server = await scriptedServer((body, response) => {
			const { data } = vectorsFor(body);
			const events = data.map((each) => `data: ${JSON.stringify({ object: "list", data: [each] })}\n\n`);
			response.end(events.join(""));
			return undefined;
		});
		assert.equal((await server.embedder().embed(["a", "bb"])).length, 2);
		assert.equal(inputs(server.bodies[0] ?? {}).length, 2);
		server.close();
	});
});
