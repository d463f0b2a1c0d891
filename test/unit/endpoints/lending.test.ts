import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { readConfig } from "../../../src/config/config.ts";
import { askForPassword, askForToken } from "../../../src/endpoints/lending/borrowing.ts";
import { lend } from "../../../src/endpoints/lending/lender.ts";
import { type LenderFile, lenderFile } from "../../../src/endpoints/lending/protocol.ts";
import { withToken } from "../../../src/memory/borrowedSecrets.ts";
import type { MemoryService } from "../../../src/memory/memoryService.ts";
import { endpointFixture, environmentOf, saved, settled } from "../../support/fixtures/endpointFixture.ts";
import { filesWith } from "../../support/fixtures/filesWith.ts";
import { stdioClient } from "../../support/fixtures/mcpClient.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import type { OpenAiServer } from "../../support/openaiServer/server.ts";

const key = "sk-planted-4711";

interface Saved {
	readonly memories: readonly { readonly text: string; readonly event: string }[];
	readonly note?: string;
	readonly pending?: readonly string[];
}

interface Found {
	readonly memories: readonly { readonly text: string }[];
	readonly note?: string;
}

describe("A server without the key, whose models an open window asks", function () {
	this.timeout(60_000);
	const memory = endpointFixture();
	let server: OpenAiServer;
	const lending: { dispose(): Promise<void> }[] = [];

	beforeEach(async () => {
		server = await memory.server({ apiKey: key });
	});
	afterEach(async () => {
		for (const lender of lending.splice(0)) await lender.dispose();
	});

	/** What the extension does in a window. */
	async function window(more: Record<string, string> = {}): Promise<MemoryService> {
		const service = await memory.openOn(server, { LLM_API_KEY: key, ...more });
		lending.push(await lend(memory.folder, { models: async () => service.models }));
		return service;
	}
	const agent = (more: Record<string, string> = {}) =>
		stdioClient(
			{
				MEMORY_DIR: memory.folder,
				DEFAULT_USER_ID: "ada",
				ASK_VSCODE: "both",
				...environmentOf(server),
				...more,
			},
			memory.folder,
		);
	const text = "Ada lives in Paris. Alpha is deployed with make ship.";
	const facts = ["Ada lives in Paris.", "Alpha is deployed with make ship."];

	it("distils and embeds, searches by meaning, and never sees the key", async () => {
		await window();
		const client = await agent();
		try {
			const { content, error } = await client.call<Saved>("save_memory", { text });
			assert.equal(error, undefined);
			assert.deepEqual(
				content.memories.map(({ text }) => text),
				facts,
			);
			assert.deepEqual(content.pending, []);
			const found = await client.call<Found>("search_memories", { query: "Ada lives in Paris." });
			assert.equal(found.content.memories[0]?.text, facts[0]);
			assert.equal(found.content.note, undefined);
			for (const { headers } of server.requests) assert.equal(headers.authorization, `Bearer ${key}`);
			assert.doesNotMatch(client.log(), /4711/);
			assert.deepEqual(await filesWith(key, memory.folder), []);
		} finally {
			await client.close();
		}
	});

	it("keeps the text when no window is open, says so, and has it distilled when one opens", async () => {
		const client = await agent();
		try {
			const { content } = await client.call<Saved>("save_memory", { text });
			assert.deepEqual(
				content.memories.map(({ text }) => text),
				[text],
			);
			assert.match(content.note ?? "", /asked by VS Code, which has its key, and no window .* is open/);
			const found = await client.call<Found>("search_memories", { query: "make ship" });
			assert.equal(found.content.memories[0]?.text, text);
			assert.equal(server.requests.length, 0, "nothing is sent without the key");
			const service = await window();
			await settled(service);
			assert.deepEqual(
				(await service.list({ scope: "all" })).memories.map((each) => each.text).sort(),
				facts,
			);
		} finally {
			await client.close();
		}
	});

	it("does not send its texts to a model that the window has meanwhile in the place of its own", async () => {
		await window({ LLM_CHOICE: "other-chat", EMBEDDING_MODEL_CHOICE: "other-embed" });
		const client = await agent();
		try {
			const { content } = await client.call<Saved>("save_memory", { text });
			assert.match(content.note ?? "", /no window with this configuration is open/);
			assert.equal(server.requests.length, 0);
		} finally {
			await client.close();
		}
	});

	it("tells what the endpoint said to the window", async () => {
		await window({ LLM_API_KEY: "sk-wrong" });
		const client = await agent();
		try {
			const { content } = await client.call<Saved>("save_memory", { text });
			assert.match(content.note ?? "", /HTTP 401/);
		} finally {
			await client.close();
		}
	});

	it("passes over what a window that was killed has left", async () => {
		await window();
		const gone: LenderFile = { socket: join(memory.folder, "gone.sock"), secret: "x" };
		writeFileSync(join(memory.folder, "lender-1.json"), JSON.stringify(gone));
		writeFileSync(join(memory.folder, "lender-2.json"), "{");
		const client = await agent();
		try {
			const { content } = await client.call<Saved>("save_memory", { text });
			assert.deepEqual(content.pending, []);
		} finally {
			await client.close();
		}
	});

	it("reaches nobody but the user's own processes", async function () {
		if (process.platform === "win32") this.skip();
		const service = await window();
		assert.deepEqual(saved(await service.save({ text: "Grace likes tea." })), ["ADD Grace likes tea."]);
		const file = lenderFile(memory.folder);
		const { socket, secret } = JSON.parse(readFileSync(file, "utf8")) as LenderFile;
		assert.equal(statSync(file).mode & 0o777, 0o600);
		assert.equal(statSync(socket).mode & 0o777, 0o600);
		assert.ok(secret.length >= 43);
		const asked = server.requests.length;
		const statusWith = (authorization: string) =>
			new Promise<number | undefined>((resolve, reject) => {
				const body = JSON.stringify({ messages: { system: "s", user: "u" }, options: {} });
				request(
					{ socketPath: socket, path: "/chat", method: "POST", headers: { authorization } },
					(answer) => {
						answer.resume();
						resolve(answer.statusCode);
					},
				)
					.once("error", reject)
					.end(body);
			});
		assert.equal(await statusWith("Bearer wrong"), 400);
		assert.equal(await statusWith(`Bearer ${"x".repeat(secret.length)}`), 400);
		assert.equal(server.requests.length, asked);
		assert.equal(await statusWith(`Bearer ${secret}`), 200);
		await lending.pop()?.dispose();
		assert.equal(existsSync(file), false);
		assert.deepEqual(
			readdirSync(memory.folder).filter((name) => name.startsWith("lender")),
			[],
		);
	});
});

describe("The password of a database", () => {
	it("is lent by the first window that has it, also where others have none or are gone", async () => {
		const folder = temporaryFolder();
		const ada = { host: "db.example.com", port: 5432, user: "ada" };
		writeFileSync(
			join(folder, "lender-1.json"),
			JSON.stringify({ socket: join(folder, "gone"), secret: "x" }),
		);
		assert.equal(await askForPassword(folder, ada), undefined);
		const lender = await lend(folder, {
			password: async ({ user }) => (user === "ada" ? "pass-4711" : undefined),
		});
		try {
			assert.equal(await askForPassword(folder, ada), "pass-4711");
			assert.equal(await askForPassword(folder, { ...ada, user: "bob" }), undefined);
			assert.deepEqual(await filesWith("pass-4711", folder), []);
		} finally {
			await lender.dispose();
		}
	});
});

describe("The token for a team's server", () => {
	it("is lent for exactly its server, by the first window that has it", async () => {
		const folder = temporaryFolder();
		const origin = "https://memory.example.com";
		assert.equal(await askForToken(folder, { origin }), undefined);
		const lenders = [await lend(folder, { password: async () => "pass-4711" })];
		// As if it were another process.
		renameSync(lenderFile(folder), join(folder, "lender-1.json"));
		const token = async (asked: { origin: string }) => (asked.origin === origin ? "token-4711" : undefined);
		lenders.push(await lend(folder, { token }));
		try {
			assert.equal(await askForToken(folder, { origin }), "token-4711");
			for (const other of [
				`${origin}.evil.example`,
				`${origin}:8443`,
				"http://memory.example.com",
				"",
				`${origin}/`,
			])
				assert.equal(await askForToken(folder, { origin: other }), undefined, other);
			assert.deepEqual(await filesWith("token-4711", folder), []);
		} finally {
			for (const lender of lenders) await lender.dispose();
		}
	});

	it("is asked for when a request needs it, not from a configuration that has it", async () => {
		const folder = temporaryFolder();
		const env = { MEMORY_DIR: folder, TEAM_SERVER_URL: "https://memory.example.com/team/mcp" };
		const token = withToken(readConfig(env).config)?.token;
		assert.ok(typeof token === "function");
		const asked: string[] = [];
		const lender = await lend(folder, {
			token: async ({ origin }) => {
				asked.push(origin);
				return "token-4711";
			},
		});
		try {
			assert.equal(await token(), "token-4711");
			assert.deepEqual(asked, ["https://memory.example.com"]);
		} finally {
			await lender.dispose();
		}
		const { config } = readConfig({ ...env, TEAM_SERVER_TOKEN: "own-4712" });
		assert.equal(withToken(config)?.token, "own-4712");
		assert.equal(withToken(readConfig({ MEMORY_DIR: folder }).config), undefined);
	});
});
