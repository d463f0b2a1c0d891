import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Asked } from "../../support/fixtures/askActor.ts";
import {
	brotliBomb,
	dripping,
	gzipBomb,
	type HostileAnswer,
	hostileServer,
	repeated,
} from "../../support/fixtures/hostileServer.ts";

const askers = ["chat", "embedding", "models", "doctor"] as const;
type Asker = (typeof askers)[number];

const megabyte = 1024 * 1024;
const mark = "hostileword";

interface Row extends HostileAnswer {
	readonly name: string;
	/** Default: all. */
	readonly to?: readonly Asker[];
	/** What the person is told. */
	readonly says: RegExp;
	/** ms the request may take. */
	readonly deadline?: number;
	/** Bytes after which the server is cut off. */
	readonly cutOff?: number;
}

const models: readonly Asker[] = ["models"];
const embedding: readonly Asker[] = ["embedding"];
const chat: readonly Asker[] = ["chat"];
const vector = (width: number) => `[${"0.5,".repeat(width - 1)}0.5]`;
const entry = (width: number, index: number) => `{"embedding":${vector(width)},"index":${index}}`;
const list = (...entries: string[]) => [`{"data":[${entries.join()}]}`];

const rows: readonly Row[] = [
	{
		name: "a gzip bomb of 1 GB",
		headers: { "content-encoding": "gzip" },
		pieces: gzipBomb,
		says: /sent more than (4|16) MB/,
	},
	{
		name: "a brotli bomb",
		headers: { "content-encoding": "br" },
		pieces: brotliBomb,
		says: /sent more than (4|16) MB/,
	},
	{
		name: "a body without length or end",
		pieces: () => repeated('{"data":["', mark, 100_000_000),
		says: /sent more than (4|16) MB/,
		cutOff: 40 * megabyte,
	},
	{
		name: "an error without end",
		status: 500,
		pieces: () => repeated('{"error":"', mark, 100_000_000),
		says: /HTTP 500|sent more than/,
		cutOff: 40 * megabyte,
	},
	{ name: "100,000 brackets", pieces: () => repeated("", "[", 100_000), says: /JSON of more than 64 levels/ },
	{
		name: "nested objects",
		pieces: () => repeated("", '{"a":', 100_000),
		says: /JSON of more than 64 levels/,
	},
	{
		name: "a million small objects",
		pieces: () => repeated('{"data":[{}', ",{}", 1_000_000),
		says: /JSON of more values/,
	},
	{
		name: "an error that takes long to search",
		status: 400,
		pieces: () => repeated('{"error":"', "array model ", 80_000),
		says: /HTTP 400|400/,
	},
	{
		name: "a byte a moment, for ever",
		pieces: dripping,
		deadline: 2000,
		says: /did not answer within 2 s|did not end within 2 s/,
	},
	{
		name: "more vectors than texts",
		to: embedding,
		pieces: () => list(...[0, 1, 2].map((index) => entry(4, index))),
		says: /gave 3 vectors for 2 texts/,
	},
	{
		name: "vectors that are too wide",
		to: embedding,
		pieces: () => list(entry(70_000, 0), entry(70_000, 1)),
		says: /a vector of 70000 numbers; 2 to 65536 can be used/,
	},
	{
		name: "vectors without width",
		to: embedding,
		pieces: () => ['{"data":[{"embedding":[]},{"embedding":[]}]}'],
		says: /not a vector/,
	},
	{
		name: "vectors at places between places",
		to: embedding,
		pieces: () => list(entry(4, 0.5), entry(4, 1)),
		says: /cannot be told apart/,
	},
	{
		name: "a completion of 1 MB of brackets",
		to: chat,
		pieces: () => [`{"choices":[{"message":{"content":"${"[".repeat(megabyte)}"}}]}`],
		says: /answer of 1048576 characters/,
	},
	{
		name: "50,000 models, one of them with an endless name",
		to: models,
		pieces: () => [`{"data":[{"id":"${mark.repeat(1000)}"}${',{"id":"m"}'.repeat(50_000)}]}`],
		says: /^\["m"\]$/,
	},
];

async function asked(asker: Asker, baseUrl: string, deadline: number): Promise<Asked> {
	const args = ["test/support/fixtures/askActor.ts", asker, baseUrl, String(deadline)];
	const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * megabyte });
	return JSON.parse(stdout) as Asked;
}

/** ms of CPU. */
const longestTurn = 50;

async function stallOf(asker: Asker, answer: HostileAnswer, deadline: number): Promise<number> {
	const server = await hostileServer(answer);
	try {
		return (await asked(asker, server.baseUrl, deadline)).stall;
	} finally {
		server.close();
	}
}

describe("Hostile answers of endpoints", function () {
	this.timeout(60_000);

	for (const { name, to = askers, says, deadline = 20_000, cutOff, ...answer } of rows)
		for (const asker of to)
			it(`${name}: costs little, and is named (${asker})`, async () => {
				const server = await hostileServer(answer);
				try {
					const { said, memory, stall: first } = await asked(asker, server.baseUrl, deadline);
					assert.match(said, says);
					// Neither a log nor an error holds the answer.
					assert.ok(said.length < 8000, `${said.length} characters`);
					assert.ok(said.split(mark).length < 40, said.slice(0, 500));
					assert.ok(memory < 150 * megabyte, `${memory / megabyte} MB more`);
					// The same turn takes more CPU while other programs share the processor: what holds each time is ours.
					let stall = first;
					for (let again = 0; stall > longestTurn && again < 2; again += 1)
						stall = Math.min(stall, await stallOf(asker, answer, deadline));
					assert.ok(stall <= longestTurn, `the event loop was held up for ${stall} ms`);
					await server.idle();
					if (cutOff) assert.ok(server.sent < cutOff * 2, `${server.sent} bytes`);
				} finally {
					server.close();
				}
			});
});
