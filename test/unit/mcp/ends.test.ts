import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { environmentOf } from "../../support/fixtures/endpointFixture.ts";
import { httpServer } from "../../support/fixtures/httpServer.ts";
import { initializeParams, rawServer, toolCall } from "../../support/fixtures/rawServer.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { OpenAiServer } from "../../support/openaiServer/server.ts";
import { itWithProcesses, openTestStore, storeEnvironment } from "../../support/postgres/testStore.ts";

const initialize = { id: "initialize", method: "initialize", params: initializeParams };
const saves = Array.from({ length: 20 }, (_, i) =>
	toolCall(i, "save_memory", { text: `The deadline of project ${i} is in week ${i + 20}` }),
);
const kept = /being closed.*kept word for word.*follow later/;

describe("The server with calls that wait for a model", function () {
	// A model is waited for 45 s.
	this.timeout(20_000);
	let model: OpenAiServer;
	before(async () => {
		model = await OpenAiServer.start();
		model.fault({ kind: "hang" });
	});
	after(() => model.close());

	async function busy(channel = false) {
		const server = rawServer(environmentOf(model), channel);
		const before = model.requests.length;
		server.send(initialize, { method: "notifications/initialized" }, ...saves);
		for (let i = 0; i < 400 && model.requests.length === before; i += 1) await pause(25);
		return server;
	}
	type Server = Awaited<ReturnType<typeof busy>>;

	const ends: readonly [how: string, end: (server: Server) => void, channel?: true][] = [
		["its input is closed", ({ child }) => void child.stdin?.end()],
		["SIGTERM", ({ child }) => void child.kill("SIGTERM")],
		["SIGINT", ({ child }) => void child.kill("SIGINT")],
		["SIGHUP", ({ child }) => void child.kill("SIGHUP")],
		["its parent disconnects", ({ child }) => child.disconnect(), true],
	];
	for (const [how, end, channel] of ends)
		it(`answers all of them and ends: ${how}`, async () => {
			const server = await busy(channel);
			end(server);
			assert.equal(await server.ended, 0);
			const answers = server.messages().filter(({ id }) => typeof id === "number");
			assert.equal(answers.length, saves.length);
			for (const answer of answers) assert.match(JSON.stringify(answer), kept);
		});

	it("answers them also when all came with the end of the input, the last line without its end", async () => {
		const server = rawServer(environmentOf(model));
		const lines = [initialize, ...saves].map((each) => JSON.stringify({ jsonrpc: "2.0", ...each }));
		server.child.stdin?.end(lines.join("\r\n"));
		assert.equal(await server.ended, 0);
		assert.equal(server.messages().length, saves.length + 1);
	});

	it("ends when nobody reads its output any more", async () => {
		const server = await busy();
		server.child.stdout?.destroy();
		server.send({ id: "ping", method: "ping" });
		assert.equal(await server.ended, 0);
	});

	it("goes on when nobody reads its log any more", async () => {
		const server = rawServer();
		server.send(initialize);
		await server.answer("initialize");
		server.child.stderr?.destroy();
		for (let id = 0; id < 5; id += 1) {
			server.send(toolCall(id, "save_memory", {}));
			assert.match(JSON.stringify(await server.answer(id)), /text must be given/);
		}
		server.child.stdin?.end();
		assert.equal(await server.ended, 0);
	});

	itWithProcesses("ends when its parent has been killed, with the texts in the database", async () => {
		const folder = temporaryFolder();
		const sent = [initialize, ...saves].map((each) => `${JSON.stringify({ jsonrpc: "2.0", ...each })}\n`);
		const parentCode = `
			const { spawn } = require("node:child_process");
			const server = spawn(process.execPath, [${JSON.stringify(serverFile)}], { stdio: ["pipe", "pipe", "inherit"] });
			server.stdin.write(${JSON.stringify(sent.join(""))});
			server.stdout.once("data", () => process.stdout.write("answered"));`;
		const parent = spawn(process.execPath, ["-e", parentCode], {
			cwd: folder,
			env: {
				PATH: process.env.PATH,
				HOME: folder,
				...storeEnvironment(folder),
				DEFAULT_USER_ID: "ada",
				...environmentOf(model),
			},
		});
		parent.stderr.resume();
		const before = model.requests.length;
		await once(parent.stdout, "data");
		for (let i = 0; i < 400 && model.requests.length === before; i += 1) await pause(25);
		parent.kill("SIGKILL");
		// The log is the server's too, which closes it when it ends.
		await once(parent, "close");
		const { store } = await openTestStore(folder);
		assert.equal((await store.memories.counts("ada")).all, saves.length);
		await store.close();
	});

	it("answers a save over HTTP when it is told to stop, and takes no other", async () => {
		const { child, until } = httpServer({ ...environmentOf(model), AUTH_TOKEN: "t" });
		const url = (await until(/MCP server: (\S+)/))[1] ?? "";
		const post = async (message: object, session?: string) => {
			const response = await fetch(url, {
				method: "POST",
				headers: {
					Authorization: "Bearer t",
					"Content-Type": "application/json",
					...(session ? { "Mcp-Session-Id": session } : {}),
				},
				body: JSON.stringify({ jsonrpc: "2.0", ...message }),
			});
			return { text: await response.text(), session: response.headers.get("mcp-session-id") ?? "" };
		};
		const { session } = await post(initialize);
		const answers = saves.map((save) => post(save, session));
		const status = toolCall("status", "memory_status", {});
		const all = `\\"all\\":${saves.length}`;
		for (let i = 0; i < 400 && !(await post(status, session)).text.includes(all); i += 1) await pause(25);
		const ended = once(child, "close");
		child.kill("SIGTERM");
		for (const answer of await Promise.all(answers)) assert.match(answer.text, kept);
		assert.deepEqual(await ended, [0, null]);
		await assert.rejects(post(initialize));
	});
});
