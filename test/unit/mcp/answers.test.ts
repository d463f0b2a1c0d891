import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { silentLog } from "../../../src/config/log.ts";
import { maxAnswer } from "../../../src/mcp/bounds.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import { openService } from "../../support/fixtures/openService.ts";
import { sharedEmbedder } from "../../support/fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

interface Shown {
	readonly id: string;
	readonly text: string;
	readonly textLength?: number;
	readonly metadata?: object;
	readonly metadataLength?: number;
}
interface Page {
	readonly memories: readonly Shown[];
	readonly total: number;
	readonly nextCursor?: string;
	readonly note?: string;
}

/** A client of a memory in which these texts are, past every limit of what is saved. */
async function clientOf(memories: readonly { readonly text: string; readonly metadata?: object }[]) {
	const { service, store } = await openService(temporaryFolder(), sharedEmbedder());
	await store.saves.addAll(
		memories.map(({ text, metadata }, index) => ({
			text,
			userId: "ada",
			scope: "global",
			createdAt: 1000 + index,
			...(metadata ? { metadata: { ...metadata } } : {}),
		})),
	);
	const server = createMcpServer({
		memory: async () => service,
		version: "1",
		log: silentLog,
		project: async () => undefined,
	});
	const client = new Client({ name: "test", version: "1" });
	const [ours, theirs] = InMemoryTransport.createLinkedPair();
	await server.connect(theirs);
	await client.connect(ours);
	// So that the client checks each answer against the tool's schema.
	await client.listTools();
	const call = async (name: string, args: object = {}) => {
		const result = await client.callTool({ name, arguments: { ...args } });
		const sent = JSON.stringify(result);
		const [{ text }] = result.content as [{ text: string }];
		assert.ok(!result.isError, text);
		assert.ok(
			Buffer.byteLength(sent) <= maxAnswer - 100,
			`${name} answered ${Buffer.byteLength(sent)} bytes`,
		);
		assert.ok(JSON.parse(sent, (_, value) => assertWhole(value)));
		return {
			structured: (JSON.parse(sent) as { structuredContent: Page }).structuredContent,
			content: JSON.parse(text) as Page,
		};
	};
	const read = async (uri: string) => {
		const { contents } = await client.readResource({ uri });
		const [{ text = "" } = {}] = contents as { text?: string }[];
		assert.ok(Buffer.byteLength(JSON.stringify(contents)) <= maxAnswer, `${uri}: ${text.length}`);
		return JSON.parse(text) as Page & Shown & { savedText?: string; history: { newText?: string }[] };
	};
	const close = async () => {
		await client.close();
		await service.dispose();
	};
	return { service, store, call, read, close };
}
type TestClient = Awaited<ReturnType<typeof clientOf>>;

function assertWhole(value: unknown): unknown {
	if (typeof value === "string") assert.ok(value.isWellFormed(), "half a character");
	return value;
}

/** The call that a note names. */
function nextCall(note = ""): [name: string, args: object] {
	const [, name, args] = /(\w+) with (\{.*?\})/.exec(note) ?? assert.fail(note);
	return [name as string, JSON.parse(args as string) as object];
}

const family = "👩‍👩‍👧‍👦";
const long = (title: string, length: number) =>
	`${title} ${"Some words about runbooks. ".repeat(length / 27)}`;

describe("Answers to MCP clients", function () {
	this.timeout(60_000);
	let client: TestClient;
	afterEach(() => client.close());

	it("hold long texts shortened, in every tool, and a call that gives one whole", async () => {
		client = await clientOf(Array.from({ length: 12 }, (_, i) => ({ text: long(`Runbook ${i}`, 28_000) })));
		for (const [tool, args] of [
			["get_all_memories", {}],
			["search_memories", { query: "runbooks", limit: 50, explain: true }],
		] as const) {
			const { structured, content } = await client.call(tool, args);
			for (const { memories, note } of [structured, content]) {
				assert.ok(memories.length >= 5);
				for (const { text, textLength = 0 } of memories) {
					assert.ok(text.length >= 200 && text.endsWith("…"));
					assert.ok(textLength > 27_000);
				}
				const [name, call] = nextCall(note);
				assert.deepEqual([name, call], ["get_all_memories", { id: memories[0]?.id }]);
			}
		}
	});

	it("are read on to the end, by a client that reads the content and by one that reads the structure", async () => {
		for (const text of [
			long("Runbook", 200_000),
			family.repeat(3000),
			'"\\\n'.repeat(10_000),
			"記憶".repeat(20_000),
			`e${"\u0301".repeat(30_000)}`,
		]) {
			client = await clientOf([{ text, metadata: { tags: "x".repeat(50_000) } }]);
			const [only] = (await client.call("get_all_memories")).structured.memories;
			assert.equal(only?.textLength, text.length);
			assert.ok((only?.metadataLength ?? 0) > 50_000);
			for (const side of ["content", "structured"] as const) {
				let whole = "";
				let args: object | undefined = { id: only?.id };
				while (args) {
					const page: Page = (await client.call("get_all_memories", args))[side];
					assert.equal(page.memories[0]?.textLength, undefined);
					if (whole === "") assert.match(page.note ?? "", /metadata does not fit.*mcp-mem0 export/);
					whole += page.memories[0]?.text;
					args = page.nextCursor === undefined ? undefined : nextCall(page.note)[1];
				}
				assert.equal(whole, text);
			}
			if (text.length < 200_000) await client.close();
		}
	});

	it("cut no character in two", async () => {
		client = await clientOf([{ text: `x${family.repeat(3000)}` }, { text: family.repeat(3000) }]);
		for (const { memories } of Object.values(await client.call("get_all_memories")))
			for (const { text } of memories) assert.equal(text.replace(/^x/, "").replaceAll(family, ""), "…");
	});

	it("do not say a long text twice, and a short one to each client", async () => {
		client = await clientOf([{ text: long("Runbook", 20_000) }, { text: "The CI runs on Debian" }]);
		const { structured, content } = await client.call("get_all_memories");
		assert.deepEqual(content.memories[0], structured.memories[0]);
		assert.ok((structured.memories[1]?.text.length ?? 0) > 15_000);
		assert.ok((content.memories[1]?.text.length ?? 0) <= 4001);
	});

	it("page through many memories, each once, and say how many are left", async () => {
		client = await clientOf(Array.from({ length: 1000 }, (_, i) => ({ text: `Fact ${i} ${"x".repeat(i)}` })));
		for (const side of ["content", "structured"] as const) {
			const ids = new Set<string>();
			let args: object | undefined = { limit: 200, scope: "all" };
			while (args) {
				const page: Page = (await client.call("get_all_memories", args))[side];
				for (const { id } of page.memories) ids.add(id);
				assert.equal(page.total, 1000);
				args = page.nextCursor === undefined ? undefined : nextCall(page.note)[1];
				if (!args) break;
				assert.match(page.note ?? "", new RegExp(`^${1000 - ids.size} more: `));
				assert.deepEqual(args, { scope: "all", limit: 200, cursor: page.nextCursor });
			}
			assert.equal(ids.size, 1000);
		}
	});

	it("give a page of memory://all, however many there are, and the URI of the next", async () => {
		client = await clientOf(Array.from({ length: 10_000 }, (_, i) => ({ text: `Fact ${i} of the many` })));
		const first = await client.read("memory://all");
		assert.equal(first.total, 10_000);
		const uri = /memory:\/\/all\?cursor=[\w.-]+\w/.exec(first.note ?? "")?.[0] ?? assert.fail(first.note);
		const second = await client.read(uri);
		assert.match(
			second.note ?? "",
			new RegExp(`^${10_000 - first.memories.length - second.memories.length} more`),
		);
		assert.equal(
			new Set([...first.memories, ...second.memories].map(({ id }) => id)).size,
			2 * first.memories.length,
		);
	});

	it("shorten long texts in memory://all, and name the call that gives one whole", async () => {
		client = await clientOf(Array.from({ length: 27 }, (_, i) => ({ text: long(`Runbook ${i}`, 28_000) })));
		const ids = new Set<string>();
		for (let uri: string | undefined = "memory://all"; uri; ) {
			const { memories, note = "" } = await client.read(uri);
			for (const { id } of memories) ids.add(id);
			assert.match(note, /get_all_memories with \{"id":/);
			uri = /memory:\/\/all\?cursor=[\w.-]+\w/.exec(note)?.[0];
		}
		assert.equal(ids.size, 27);
	});

	it("give a memory as a resource with its history, piece by piece", async () => {
		client = await clientOf([{ text: long("First", 30_000), metadata: { tag: "x" } }]);
		const [{ id = "" } = {}] = (await client.call("get_all_memories")).structured.memories;
		for (let i = 0; i < 25; i += 1) await client.service.update(id, `Version ${i}`);
		await client.service.update(id, long("Last version", 31_000));
		let [text, newest] = ["", ""];
		let uri: string | undefined = `memory://${id}`;
		while (uri) {
			const part = await client.read(uri);
			assert.equal(part.history.length, 20);
			text += part.text;
			newest += part.history.at(-1)?.newText;
			uri = /memory:\S+\?cursor=\d+/.exec(part.note ?? "")?.[0];
		}
		assert.equal(text, long("Last version", 31_000).trim());
		assert.equal(newest, text);
	});

	it("are bounded where each of many results is long, in any script", async () => {
		client = await clientOf(
			Array.from({ length: 60 }, (_, i) => ({
				text: `Runbook ${i} ${"記憶の長い説明".repeat(1000)}`,
				metadata: { note: "注".repeat(4000) },
			})),
		);
		const { structured, content } = await client.call("search_memories", { query: "runbook", limit: 50 });
		for (const { memories, note } of [structured, content]) {
			assert.ok(memories.length >= 10);
			assert.match(note ?? "", new RegExp(`${50 - memories.length} more do not fit`));
		}
		await client.call("update_memory", { id: structured.memories[0]?.id, text: "記憶".repeat(16_000) });
		await client.call("delete_memory", { id: structured.memories[0]?.id });
	});

	it("refuse a place that is none", async () => {
		client = await clientOf([{ text: "x" }]);
		const [{ id = "" } = {}] = (await client.call("get_all_memories")).structured.memories;
		await assert.rejects(client.call("get_all_memories", { id, cursor: "here" }), /cursor is not valid/);
		await assert.rejects(client.read("memory://all?cursor=x"), /cursor is not valid/);
		await assert.rejects(client.read(`memory://${id}?cursor=x`), /cursor is not valid/);
	});
});
