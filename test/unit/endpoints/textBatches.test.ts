import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { TextsNotEmbedded } from "../../../src/endpoints/embedder.ts";
import {
	inputs,
	notesInMemory,
	type ScriptedBody,
	scriptedServer,
	vectorsFor,
} from "../../support/fixtures/scriptedServer.ts";

const texts = Array.from({ length: 60 }, (_, index) => `Service number ${index} listens.`);
const isBad = (text: string) => text.includes("number 17 ");
const bad = texts.findIndex(isBad);

type Spoil = (
	body: ScriptedBody,
	response: ServerResponse,
) => ReturnType<Parameters<typeof scriptedServer>[0]>;

/** What servers answer where one text of a batch is bad. */
const spoiling: Readonly<Record<string, Spoil>> = {
	"HTTP 500": () => [500, "failed to encode response: json: unsupported value: NaN"],
	"HTTP 400": () => [400, "Something is odd about this input."],
	"HTTP 429": () => [429, "Too many requests"],
	"a vector of null": (body) => {
		const { data } = vectorsFor(body);
		const nulls = data.map((each, index) =>
			isBad(inputs(body)[index] ?? "") ? { ...each, embedding: [null, 1] } : each,
		);
		return { data: nulls };
	},
	"a vector of another width": (body) => {
		const { data } = vectorsFor(body);
		return {
			data: data.map((each, index) =>
				isBad(inputs(body)[index] ?? "") ? { ...each, embedding: [1] } : each,
			),
		};
	},
	"NaN as a word": (_, response) => {
		response
			.writeHead(200, { "content-type": "application/json" })
			.end('{"data":[{"index":0,"embedding":[NaN,1]}]}');
		return undefined;
	},
	"a broken connection": (_, response) => {
		response.destroy();
		return undefined;
	},
};

describe("A text on which an embedding model fails", function () {
	this.timeout(30_000);

	for (const [what, spoil] of Object.entries(spoiling))
		it(`with ${what}: stands alone, and the others have their vectors`, async () => {
			const server = await scriptedServer((body, response) =>
				inputs(body).some(isBad) ? spoil(body, response) : vectorsFor(body),
			);
			const embedder = server.embedder();
			const error = await embedder.embed(texts).catch((each: unknown) => each);
			assert.ok(error instanceof TextsNotEmbedded, String(error));
			assert.deepEqual([...error.failed.keys()], [bad]);
			assert.deepEqual(
				error.vectors.map((vector) => vector !== undefined),
				texts.map((text) => !isBad(text)),
			);
			// 60 texts need six halvings; each asks for the probe once.
			assert.ok(server.bodies.length < 40, `${server.bodies.length} requests`);
			// One bad text says nothing about how many the server takes.
			const before = server.bodies.length;
			await embedder.embed(texts.filter((text) => !isBad(text)));
			assert.equal(server.bodies.length, before + 1);
			server.close();
		});

	it("alone: is told from a server that is down", async () => {
		let down = false;
		const server = await scriptedServer((body) =>
			down || inputs(body).some(isBad) ? [500, "failed"] : vectorsFor(body),
		);
		const [text = ""] = texts.filter(isBad);
		await assert.rejects(server.embedder().embed([text]), TextsNotEmbedded);
		down = true;
		await assert.rejects(server.embedder().embed([text]), { name: "EndpointError", kind: "server-error" });
		server.close();
	});
});

describe("A server that fails on everything", () => {
	it("is not asked for each text of a batch", async () => {
		const server = await scriptedServer(() => [400, "No."]);
		await assert.rejects(server.embedder().embed(texts), { kind: "rejected" });
		assert.equal(server.bodies.length, 2);
		server.close();
	});

	it("from some moment on is not blamed on the texts", async () => {
		let left = 3;
		const server = await scriptedServer((body) => {
			left -= 1;
			return left < 0 || inputs(body).length > 1 ? [400, "No."] : vectorsFor(body);
		});
		await assert.rejects(server.embedder().embed(texts), { kind: "rejected" });
		server.close();
	});
});

describe("A server that embeds only so many texts at once", function () {
	this.timeout(30_000);

	for (const most of [1, 5])
		for (const [status, message] of [
			[500, "failed"],
			[429, "Too many requests"],
			[400, "No."],
		] as const)
			it(`${most}, and says ${status} to more: is found out, and remembered`, async () => {
				const server = await scriptedServer((body) =>
					inputs(body).length > most ? [status, message] : vectorsFor(body),
				);
				const notes = notesInMemory();
				assert.equal((await server.embedder(notes).embed(texts)).length, texts.length);
				server.bodies.length = 0;
				await server.embedder(notes).embed(texts);
				const sizes = server.bodies.map((body) => inputs(body).length);
				assert.ok(
					sizes.every((size) => size <= most && size > most / 2),
					`${sizes}`,
				);
				server.close();
			});

	it("and tells how many: is asked for so many at once", async () => {
		const server = await scriptedServer((body) =>
			inputs(body).length > 10
				? [400, "Value error, batch size is invalid, it should not be larger than 10.: input.contents"]
				: vectorsFor(body),
		);
		await server.embedder().embed(texts);
		assert.deepEqual(
			server.bodies.map((body) => inputs(body).length),
			[60, 10, 10, 10, 10, 10, 10],
		);
		server.close();
	});
});

describe("A text that is too long for an embedding model", () => {
	const long = "word ".repeat(2000);

	it("is split by the number in the message, and from then on before it is sent", async () => {
		const server = await scriptedServer((body) =>
			inputs(body).some((text) => text.length > 1600)
				? [413, "`inputs` must have less than 512 tokens. Given: 2002"]
				: vectorsFor(body),
		);
		const embedder = server.embedder();
		await embedder.embed([long]);
		assert.equal(server.bodies.length, 1 + 7);
		await embedder.embed([long, "short"]);
		assert.equal(server.bodies.length, 1 + 7 + 7 + 1);
		server.close();
	});

	it("is cut between characters, since servers refuse halves of one", async () => {
		const server = await scriptedServer((body) => {
			const halved = inputs(body).some((text) => !text.isWellFormed());
			if (halved) return [400, "Failed to parse the request body: unexpected end of hex escape"];
			return inputs(body).some((text) => text.length > 1500) ? [413, "input is too long"] : vectorsFor(body);
		});
		const embedder = server.embedder();
		for (const begin of ["", "a", "ab"])
			assert.equal((await embedder.embed([`${begin}${"😀🚀".repeat(2200)}`])).length, 1);
		server.close();
	});

	it("is halved where there is no number", async () => {
		const server = await scriptedServer((body) =>
			inputs(body).some((text) => text.length > 2500)
				? [400, "the input length exceeds the context length"]
				: vectorsFor(body),
		);
		await server.embedder().embed([long]);
		const lengths = server.bodies.map((body) => inputs(body)[0]?.length);
		assert.deepEqual(lengths, [10_000, 5000, 2500, 2500, 2500, 2500]);
		server.close();
	});
});

describe("Vectors of an answer", () => {
	const answers: Readonly<Record<string, (body: ScriptedBody) => object>> = {
		"with their places as texts, out of order": (body) => {
			const { data } = vectorsFor(body);
			return { data: data.map(({ index, ...rest }) => ({ ...rest, index: String(index) })).reverse() };
		},
		"with places that count from 1": (body) => {
			const { data } = vectorsFor(body);
			return { data: data.map(({ index, ...rest }) => ({ ...rest, index: index + 1 })).reverse() };
		},
		"without places": (body) => ({ data: vectorsFor(body).data.map(({ embedding }) => ({ embedding })) }),
		"that all have one place": (body) => ({
			data: vectorsFor(body).data.map((each) => ({ ...each, index: 0 })),
		}),
	};
	for (const [what, answer] of Object.entries(answers))
		it(`${what}: belong to their texts`, async () => {
			const server = await scriptedServer(answer);
			const vectors = await server.embedder().embed(["a", "bb", "cccc"]);
			const lengths = vectors.map((vector) => Math.round((vector?.[1] ?? 0) / (vector?.[0] ?? 1)));
			assert.deepEqual(lengths, [1, 2, 4]);
			server.close();
		});

	for (const [width, count] of [
		[1, "1 number"],
		[200_000, "200000 numbers"],
	] as const)
		it(`of ${count}: are refused, and it is said why`, async () => {
			const server = await scriptedServer(() => ({
				data: [{ index: 0, embedding: Array(width).fill(0.5) }],
			}));
			await assert.rejects(
				server.embedder().embed(["a"]),
				new RegExp(`a vector of ${count}; 2 to 65536 can be used`),
			);
			server.close();
		});
});

describe("Another embedding model than was asked for", () => {
	const same = [
		"test-embed",
		"org/test-embed",
		"/models/test-embed.gguf",
		"test-embed:latest",
		"Test_Embed-v1.5",
		undefined,
		"",
	];
	it("is not one whose name has a path, a tag or a version more", async () => {
		for (const model of same) {
			const server = await scriptedServer((body) => vectorsFor(body, { model }));
			const embedder = server.embedder();
			await embedder.embed(["a"]);
			assert.deepEqual([embedder.space?.model, embedder.remark], ["test-embed", undefined], String(model));
			server.close();
		}
	});

	it("makes vectors of a space of its own, and is named, also after a restart", async () => {
		const server = await scriptedServer((body) => vectorsFor(body, { model: "other-model" }));
		const notes = notesInMemory();
		await server.embedder(notes).embed(["a"]);
		const { space, remark = "" } = server.embedder(notes);
		assert.equal(space?.model, "other-model (asked for test-embed)");
		assert.match(remark, /was asked for test-embed and answers with other-model.*set EMBEDDING_MODEL_CHOICE/);
		server.close();
	});
});

describe("A server that says “100 Continue” unasked", () => {
	for (const what of ["writeContinue", "writeEarlyHints"] as const)
		it(`is understood (${what})`, async () => {
			const server = await scriptedServer((body, response) => {
				if (what === "writeContinue") response.writeContinue();
				else response.writeEarlyHints({ link: "</style.css>; rel=preload" });
				return vectorsFor(body);
			});
			const embedder = server.embedder();
			assert.equal((await embedder.embed(["a"])).length, 1);
			const before = server.bodies.length;
			await embedder.embed(["b"]);
			assert.equal(server.bodies.length, before + 1);
			server.close();
		});
});
