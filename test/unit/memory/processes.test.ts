import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serverFile, workerFile } from "../../support/fixtures/builtFiles.ts";
import { type StdioClient, stdioClient } from "../../support/fixtures/mcpClient.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { itWithProcesses, openTestStore } from "../../support/postgres/testStore.ts";

interface Found {
	readonly memories: { readonly id: string; readonly text: string; readonly event?: string }[];
	readonly total?: number;
}

const names = ["amber", "birch", "cedar", "dahlia", "elm", "fern", "ginger", "hazel", "iris", "juniper"];
const things = [
	"port",
	"owner",
	"branch",
	"budget",
	"deadline",
	"colour",
	"mascot",
	"region",
	"license",
	"mirror",
];
/** 200 facts with a word of their own each. */
function facts(who: string): string[] {
	return names.flatMap((name, i) =>
		things.flatMap((thing, j) => [0, 1].map((k) => `The ${thing} of ${name} is ${who}${i}${j}${k}`)),
	);
}

describe("Several processes on one database", () => {
	it("saves 200 memories from each of two servers at once, all findable from either", async function () {
		this.timeout(120_000);
		const folder = temporaryFolder();
		const env = { MEMORY_DIR: folder, DEFAULT_USER_ID: "ada" };
		const servers = await Promise.all([stdioClient(env, folder), stdioClient(env, folder)]);
		const texts = ["x", "y"].map(facts);
		const saved = await Promise.all(
			servers.flatMap((server, which) =>
				(texts[which] ?? []).map(
					async (text) => (await server.call<Found>("save_memory", { text })).content.memories[0],
				),
			),
		);
		assert.deepEqual(
			saved.map((memory) => memory?.event).filter((event) => event !== "ADD"),
			[],
		);
		assert.equal(new Set(saved.map((memory) => memory?.id)).size, 400);
		const lostBy = async (server: StdioClient) => {
			const { content } = await server.call<Found>("get_all_memories", { limit: 1 });
			assert.equal(content.total, 400);
			const lost: string[] = [];
			for (const text of texts.flat()) {
				const found = await server.call<Found>("search_memories", { query: text, limit: 1 });
				if (found.content.memories[0]?.text !== text) lost.push(text);
			}
			return lost;
		};
		assert.deepEqual(await Promise.all(servers.map(lostBy)), [[], []]);
		await Promise.all(servers.map((server) => server.close()));
	});

	itWithProcesses(
		"loses nothing that was acknowledged to a kill -9 in the middle of saving",
		async function () {
			this.timeout(120_000);
			const folder = temporaryFolder();
			const env = { MEMORY_DIR: folder, DEFAULT_USER_ID: "ada" };
			const acknowledged: string[] = [];
			for (const [round, who] of ["p", "q", "r"].entries()) {
				const server = await stdioClient(env, folder);
				const mine: string[] = [];
				const saving = facts(who).map(async (text) => {
					const { content } = await server.call<Found>("save_memory", { text });
					if (content.memories[0]?.event === "ADD") mine.push(text);
				});
				while (mine.length < 15 + 20 * round) await pause(1);
				process.kill(server.pid, "SIGKILL");
				await Promise.allSettled(saving);
				acknowledged.push(...mine);
				await server.close();
			}
			const server = await stdioClient(env, folder);
			const lost: string[] = [];
			for (const text of acknowledged) {
				const { content } = await server.call<Found>("search_memories", { query: text, limit: 1 });
				if (content.memories[0]?.text !== text) lost.push(text);
			}
			assert.ok(acknowledged.length >= 15 + 35 + 55);
			assert.deepEqual(lost, []);
			await server.close();
			// What was in the journal and not acknowledged has been finished too, and nothing twice.
			const { store } = await openTestStore(folder);
			const everything = { userId: "ada", global: true, projects: "all" as const };
			const abandoned = () => store.distillation.abandoned("ada");
			for (let i = 0; i < 100 && (await abandoned()).length > 0; i += 1) await pause(50);
			assert.deepEqual(await abandoned(), []);
			const { memories, total } = await store.memories.list(everything, 10_000);
			assert.equal(new Set(memories.map(({ text }) => text)).size, total);
			assert.ok(total >= acknowledged.length);
			await store.close();
		},
	);
});

describe("A user's privacy", () => {
	it("lets no request leave the machine during saves, searches and the model's work", async function () {
		this.timeout(60_000);
		const folder = temporaryFolder();
		const attempts = join(folder, "attempts.log");
		writeFileSync(attempts, "");
		// Notes every connection, datagram and name look-up; worker threads load it too.
		const hook = join(folder, "hook.cjs");
		writeFileSync(
			hook,
			`const { appendFileSync } = require("node:fs");
			const note = (what) => appendFileSync(${JSON.stringify(attempts)}, what + "\\n");
			const watch = (object, name, label) => {
				const original = object[name];
				object[name] = function (...args) { note(label + " " + JSON.stringify(args[0])); return Reflect.apply(original, this, args); };
			};
			watch(require("node:net").Socket.prototype, "connect", "connect");
			watch(require("node:dgram").Socket.prototype, "send", "datagram");
			const dns = require("node:dns");
			for (const name of ["lookup", "resolve", "resolve4"]) { watch(dns, name, "dns"); watch(dns.promises, name, "dns"); }
			watch(globalThis, "fetch", "fetch");`,
		);
		// The same for the model's worker, which is started without its parent's options.
		const bundle = join(folder, "dist");
		const { cpSync, mkdirSync } = await import("node:fs");
		mkdirSync(bundle);
		cpSync(join(workerFile, ".."), bundle, { recursive: true });
		cpSync(join(workerFile, "..", "..", "package.json"), join(folder, "package.json"));
		const worker = join(bundle, "embedder.cjs");
		writeFileSync(worker, `require(${JSON.stringify(hook)});\n${readFileSync(worker, "utf8")}`);
		const child = spawn(process.execPath, ["--import", pathToFileURL(hook).href, join(bundle, "server.js")], {
			cwd: folder,
			env: { PATH: process.env.PATH, HOME: folder, MEMORY_DIR: join(folder, "memory") },
		});
		const call = (id: number, name: string, args: object) => ({
			jsonrpc: "2.0",
			id,
			method: "tools/call",
			params: { name, arguments: args },
		});
		const lines = [
			{
				jsonrpc: "2.0",
				id: 1,
				method: "initialize",
				params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
			},
			call(2, "save_memory", { text: "Nothing of this leaves the machine" }),
			call(3, "search_memories", { query: "what leaves the machine?" }),
		].map((line) => `${JSON.stringify(line)}\n`);
		let out = "";
		child.stdout.on("data", (chunk: Buffer) => {
			out += chunk.toString();
		});
		child.stdin.write(lines.join(""));
		// The end of the input would keep the model from its work.
		while (!/"id":2}/.test(out) || !/"id":3}/.test(out)) await pause(10);
		child.stdin.end(`${JSON.stringify(call(4, "memory_status", {}))}\n`);
		await once(child, "close");
		assert.match(out, /"event\\?":\\?"ADD/);
		assert.match(out, /"embedding\\?":0/);
		assert.equal(readFileSync(attempts, "utf8"), "");
		// The hook does see what it is there for.
		const probe = spawn(process.execPath, [
			"--import",
			pathToFileURL(hook).href,
			"-e",
			'require("node:net").connect(9, "127.0.0.1").on("error", () => {})',
		]);
		await once(probe, "close");
		assert.match(readFileSync(attempts, "utf8"), /connect/);
	});
});

describe("The server file", () => {
	it("is what the package's bin names", () => {
		const { bin } = JSON.parse(readFileSync("package.json", "utf8")) as { bin: Record<string, string> };
		assert.equal(join(process.cwd(), bin["mcp-mem0"] ?? ""), serverFile);
		assert.match(readFileSync(serverFile, "utf8"), /^#!\/usr\/bin\/env node\n/);
	});
});

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
