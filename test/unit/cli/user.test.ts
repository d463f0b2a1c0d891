import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "../../support/fixtures/commandLine.ts";
import { filesWith } from "../../support/fixtures/filesWith.ts";
import { httpServer } from "../../support/fixtures/httpServer.ts";
import { httpClient } from "../../support/fixtures/mcpClient.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("mcp-mem0 user", function () {
	this.timeout(60_000);

	it("prints a token once, keeps its hash alone, and lists who uses it", async () => {
		const memory = temporaryFolder();
		const { run } = place({ MEMORY_DIR: memory, LOG_LEVEL: "DEBUG" });
		assert.match((await run("user", "list")).stderr, /There are no users/);
		const { code, stdout, stderr } = await run("user", "add", "ada", "--admin");
		assert.equal(code, 0);
		assert.match(stdout, /^mem0_[\w-]{43}\n$/);
		assert.match(stderr, /token of ada, an administrator\. It is shown this once.*set TEAM_SERVER_TOKEN/);
		const token = stdout.trim();
		assert.ok(!stderr.includes(token));
		assert.deepEqual(await filesWith(token, memory), []);
		const listed = await run("user", "list");
		assert.match(listed.stdout, /^ada +admin, added just now, never used\n$/);
		const { users } = JSON.parse((await run("user", "list", "--json")).stdout);
		assert.deepEqual(Object.keys(users[0]).toSorted(), ["admin", "createdAt", "name"]);
	});

	it("gives no second token for a name unless asked to", async () => {
		const { run } = place();
		await run("user", "add", "ada");
		const again = await run("user", "add", "ada");
		assert.equal(again.code, 1);
		assert.match(
			again.stderr,
			/ada has a token already, and a new one opens the same memories.*--new-token/s,
		);
		assert.match((await run("user", "add", "Ada")).stderr, /There is a user ada already/);
		assert.equal((await run("user", "revoke", "ada")).code, 0);
		assert.match((await run("user", "revoke", "ada")).stderr, /ada was revoked on \d{4}-/);
		assert.match((await run("user", "add", "ada")).stderr, /ada was revoked, and a new one/);
		assert.equal((await run("user", "add", "ada", "--new-token")).code, 0);
		assert.match((await run("user", "list")).stdout, /^ada +added just now/);
	});

	it("proposes to its author what a colleague edits", async () => {
		const folder = { MEMORY_DIR: temporaryFolder() };
		const ada = place(folder);
		const bob = place({ ...folder, DEFAULT_USER_ID: "bob" });
		for (const name of ["ada", "bob"]) await ada.run("user", "add", name);
		await ada.run("save", "The staging server sleeps at night", "--visibility", "team");
		const [memory] = await ada.exported();
		const { code, stderr } = await bob.run("edit", String(memory?.id), "--text", "It sleeps at noon");
		assert.equal(code, 0, stderr);
		assert.match(
			stderr,
			/Nothing was changed: ada wrote this memory\. The new text waits for review by ada\./,
		);
		assert.match((await ada.run("list")).stdout, /sleeps at night/);
	});

	it("refuses names that are none, and command lines that it does not understand", async () => {
		const { run } = place();
		const { code, stderr, stdout } = await run("user", "add", "\u001b[31mred");
		assert.equal(code, 1);
		assert.match(stderr, /^mcp-mem0: NAME=.* is not valid: it takes 1 to 128 letters/);
		assert.ok(!stderr.includes("\u001b"));
		assert.equal(stdout, "");
		for (const args of [[], ["add"], ["list", "a"], ["toString"], ["export", "a"]])
			assert.equal((await run("user", ...args)).code, 64, args.join(" "));
		assert.match((await run("user", "revoke", "nobody")).stderr, /There is no user nobody/);
	});

	it("serves people of one project, whom their clients name it to in a header", async () => {
		const { run, env } = place();
		const token = (await run("user", "add", "bob")).stdout.trim();
		const server = httpServer({ MEMORY_DIR: env.MEMORY_DIR ?? "" });
		try {
			const [, url = ""] = await server.until(/MCP server: (http\S+)/);
			const client = (remote: string) => httpClient(url, token, { "Mem0-Project": remote });
			const one = await client("git@git.example.com:Acme/app.git");
			await one.call("save_memory", { text: "Releases of the app are cut on Tuesdays.", scope: "project" });
			const found = async (remote: string) => {
				const other = await client(remote);
				const { content } = await other.call<{ memories: unknown[] }>("search_memories", {
					query: "releases",
				});
				await other.close();
				return content.memories.length;
			};
			assert.equal(await found("https://git.example.com/acme/app"), 1);
			assert.equal(await found("https://git.example.com/acme/other"), 0);
			assert.equal(await found(" "), 0);
			await one.close();
		} finally {
			server.child.kill();
		}
	});

	it("serves them at once, revokes them within seconds, and exports and erases what they leave", async () => {
		const { run, folder, env } = place();
		const server = httpServer({ MEMORY_DIR: env.MEMORY_DIR ?? "", LOG_LEVEL: "DEBUG" });
		try {
			const [, url = ""] = await server.until(/MCP server: (http\S+)/);
			const token = (await run("user", "add", "bob")).stdout.trim();
			const other = (await run("user", "add", "eve")).stdout.trim();
			const third = (await run("user", "add", "kim")).stdout.trim();
			await new Promise((resolve) => setTimeout(resolve, 2500));
			const client = await httpClient(url, token);
			await client.call("save_memory", { text: "Bob keeps the spare key under the flowerpot." });
			const eve = await httpClient(url, other);
			await eve.call("save_memory", { text: "Eve likes saxophones." });
			await run("user", "revoke", "bob");
			let refused = false;
			for (let i = 0; i < 50 && !refused; i += 1) {
				refused = await client.call("memory_status").then(
					() => false,
					() => true,
				);
				await new Promise((resolve) => setTimeout(resolve, 100));
			}
			assert.ok(refused, "a revoked token was still served after five seconds");
			assert.match((await run("user", "list")).stdout, /^bob +revoked just now, last used just now$/m);
			assert.ok(!server.said().includes(token));

			assert.equal((await run("user", "export", "bob", "bob.jsonl")).code, 0);
			const kept = readFileSync(join(folder, "bob.jsonl"), "utf8");
			assert.match(kept, /spare key/);
			assert.doesNotMatch(kept, /saxophones/);
			const typo = await run("user", "export", "bobb", "bobb.jsonl");
			assert.deepEqual([typo.code, existsSync(join(folder, "bobb.jsonl"))], [1, false]);
			assert.match(typo.stderr, /There is no user bobb, and no memory of theirs/);
			assert.match((await run("user", "erase", "eve")).stderr, /still has a valid token/);
			assert.match(
				(await run("user", "erase", "bob")).stderr,
				/would erase the private memories of bob for good.*--yes/s,
			);
			const erased = await run("user", "erase", "bob", "--yes");
			assert.match(erased.stderr, /Erased 1 memory of bob/);
			assert.deepEqual(await filesWith("flowerpot", env.MEMORY_DIR ?? ""), []);
			assert.match((await run("user", "list")).stdout, /^eve .*\nkim .*\n$/);
			assert.match((await run("user", "erase", "bob", "--yes")).stderr, /There is no user bob/);

			const kim = await httpClient(url, third);
			await kim.call("save_memory", { text: "The wiki has the door code.", visibility: "team" });
			await kim.close();
			await run("user", "revoke", "kim");
			assert.match(
				(await run("user", "erase", "kim", "--yes")).stderr,
				/Erased 0 memories of kim; what they shared stays \(1 memory\)/,
			);
			// Somebody else of that name would be the author of what is shared.
			assert.match((await run("user", "add", "kim")).stderr, /kim was revoked/);
			const found = await eve.call<{ memories: unknown[] }>("search_memories", { query: "saxophones" });
			assert.equal(found.content.memories.length, 1);
			await eve.close();
		} finally {
			server.child.kill();
		}
	});
});
