import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ListRootsRequestSchema, McpError } from "@modelcontextprotocol/sdk/types.js";
import { rootProject } from "../../../src/mcp/rootProject.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { httpServer } from "../../support/fixtures/httpServer.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("The project of a root over HTTP", () => {
	const named: readonly [uri: string, id: string | undefined, name?: string][] = [
		["file:///home/ada/alpha", "/home/ada/alpha", "alpha"],
		["file:///home/ada/alpha/", "/home/ada/alpha", "alpha"],
		["FILE:///home/ada/x/../alpha", "/home/ada/alpha", "alpha"],
		["file://localhost/home/ada/alpha", "/home/ada/alpha", "alpha"],
		["file:///home/ada/My%20Project", "/home/ada/My Project", "My Project"],
		["file:///c%3A/Users/Ada/alpha", "c:/Users/Ada/alpha", "alpha"],
		["file:///C:/Users/Ada/alpha", "c:/Users/Ada/alpha", "alpha"],
		["file://nas/share/alpha", "\\\\nas\\share\\alpha", "alpha"],
		["file:///", "/", "/"],
		["https://example.com/alpha", undefined],
		["vscode-remote://ssh/home/ada/alpha", undefined],
		["/home/ada/alpha", undefined],
		["file:///home/%zz", undefined],
		["file:///home/%00", undefined],
		["file:///home/%E2%80%AE", undefined],
		["file:///home/%1b]8;;x", undefined],
		[`file:///${"a/".repeat(500_000)}`, undefined],
		["", undefined],
	];
	for (const [uri, id, name] of named)
		it(`is ${id ?? "none"} for «${uri.slice(0, 50)}»`, async () => {
			assert.deepEqual(await rootProject(uri), id === undefined ? undefined : { id, name });
		});
});

describe("The project of a client", function () {
	this.timeout(30_000);
	const open: Client[] = [];
	const server = { url: "", token: "t" };
	let running: ReturnType<typeof httpServer>;
	before(async () => {
		running = httpServer({ AUTH_TOKEN: server.token });
		server.url = (await running.until(/MCP server: (\S+)/))[1] ?? "";
	});
	after(() => void running.child.kill());
	afterEach(() => Promise.all(open.splice(0).map((client) => client.close())));

	async function connect(roots: () => unknown, transport: Transport = overHttp()): Promise<Client> {
		const client = new Client(
			{ name: "test", version: "1" },
			{ capabilities: { roots: { listChanged: true } } },
		);
		client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots: (await roots()) as [] }));
		await client.connect(transport);
		open.push(client);
		return client;
	}
	/** @param stream when the client opens its event stream; undefined: never. */
	function overHttp(stream?: Promise<unknown>): Transport {
		return new StreamableHTTPClientTransport(new URL(server.url), {
			requestInit: { headers: { Authorization: `Bearer ${server.token}` } },
			fetch: async (url, init) => {
				if (init?.method === "GET" && !stream) return new Response(null, { status: 405 });
				if (init?.method === "GET") await stream;
				return fetch(url, init);
			},
		}) as Transport;
	}
	async function projectOf(client: Client): Promise<unknown> {
		const { structuredContent } = await client.callTool({ name: "memory_status" });
		return (structuredContent as { project?: string }).project;
	}
	const root = (name: string) => ({ uri: `file:///nowhere/${name}` });

	it("is known at the first call of every session, with the event stream late or never open", async () => {
		const late = Promise.withResolvers<void>();
		const clients = await Promise.all(
			Array.from({ length: 40 }, (_, i) =>
				connect(() => [root(`p${i}`)], overHttp(i % 2 === 0 ? undefined : late.promise)),
			),
		);
		assert.deepEqual(
			await Promise.all(clients.map(projectOf)),
			clients.map((_, i) => `p${i}`),
		);
		late.resolve();
	});

	it("is asked for again after a failure, and after a change", async () => {
		let asked = 0;
		const answers = [new McpError(-32603, "not yet"), [root("one")], [root("two")]];
		const client = await connect(() => {
			const answer = answers[asked];
			asked += 1;
			if (answer instanceof Error) throw answer;
			return answer;
		});
		assert.equal(await projectOf(client), undefined);
		assert.equal(await projectOf(client), "one");
		assert.equal(await projectOf(client), "one");
		await client.sendRootsListChanged();
		assert.equal(await projectOf(client), "two");
		assert.equal(asked, 3);
	});

	it("is not the one of an answer from before a change", async () => {
		const old = Promise.withResolvers<unknown>();
		const asked = Promise.withResolvers<void>();
		const answers = [old.promise, [root("new")]];
		const client = await connect(() => {
			asked.resolve();
			return answers.shift();
		});
		const project = projectOf(client);
		await asked.promise;
		await client.sendRootsListChanged();
		old.resolve([root("old")]);
		assert.equal(await project, "new");
		assert.equal(await projectOf(client), "new");
	});

	it("is waited for in bounded time, and counts when it comes late", async () => {
		const roots = Promise.withResolvers<unknown>();
		const client = await connect(() => roots.promise);
		const begun = performance.now();
		for (let i = 0; i < 5; i += 1) assert.equal(await projectOf(client), undefined);
		assert.ok(performance.now() - begun < 10_000);
		roots.resolve([root("late")]);
		assert.equal(await projectOf(client), "late");
	});

	it("is found among roots that are none, and thousands are not looked through", async () => {
		const odd = [null, 7, { uri: 5 }, { uri: "https://example.com" }, { uri: "file:///%zz" }];
		assert.equal(await projectOf(await connect(() => [...odd, root("found")])), "found");
		const many = Array.from({ length: 5000 }, () => ({ uri: "https://example.com" }));
		assert.equal(await projectOf(await connect(() => [...many, root("far")])), undefined);
		assert.equal(await projectOf(await connect(() => "none")), undefined);
	});

	it("is read from its repository over stdio, and not over HTTP", async () => {
		const folder = temporaryFolder();
		const repository = join(folder, "folder");
		mkdirSync(join(repository, ".git"), { recursive: true });
		writeFileSync(join(repository, ".git", "HEAD"), "ref: refs/heads/main\n");
		writeFileSync(
			join(repository, ".git", "config"),
			'[remote "origin"]\n\turl = git@example.com:team/alpha.git\n',
		);
		const roots = () => [{ uri: "file:///%zz" }, { uri: `file://${repository}` }];
		const stdio = new StdioClientTransport({
			command: process.execPath,
			args: [serverFile],
			env: { PATH: process.env.PATH ?? "", MEMORY_DIR: folder },
			cwd: folder,
		});
		assert.equal(await projectOf(await connect(roots, stdio)), "alpha");
		assert.equal(await projectOf(await connect(roots)), "folder");
	});
});
