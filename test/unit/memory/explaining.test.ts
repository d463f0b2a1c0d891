import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { stdioClient } from "../../support/fixtures/mcpClient.ts";
import { serviceFixture } from "../../support/fixtures/serviceFixture.ts";
import { itWithProcesses, storeEnvironment } from "../../support/postgres/testStore.ts";

describe("A search that explains itself", () => {
	const memory = serviceFixture();

	it("says which words match, how near the meaning is, and what each adds", async () => {
		await memory.service.save({ text: "Ada deploys with make ship", metadata: { speaker: "Ada" } });
		const { memories } = await memory.service.search({ query: "How does Ada deploy?", explain: true });
		const why = memories[0]?.why;
		assert.deepEqual(why?.matched.toSorted(), ["Ada", "deploy"]);
		assert.ok((why?.cosine ?? 0) > 0.2);
		const signals = why?.contributions.map(({ signal }) => signal) ?? [];
		assert.ok(
			["words", "meaning", "meaning of the words"].every((signal) => signals.includes(signal)),
			String(signals),
		);
		const sizes = why?.contributions.map(({ adds }) => Math.abs(adds)) ?? [];
		assert.deepEqual(
			sizes,
			sizes.toSorted((a, b) => b - a),
		);
	});

	it("says nothing of it unless asked", async () => {
		await memory.service.save({ text: "Ada deploys with make ship" });
		const { memories } = await memory.service.search({ query: "How does Ada deploy?" });
		assert.ok(memories[0] && !("why" in memories[0]));
	});

	itWithProcesses("does so on the command line and for agents", async () => {
		await memory.service.save({ text: "Alice deploys on Fridays" });
		const env = { ...storeEnvironment(memory.folder), DEFAULT_USER_ID: "ada" };
		const says = /words \+\d\.\d\d \(deploys, Fridays\).*meaning \+\d\.\d\d \(cosine 0\.\d\d\)/;
		const { stdout } = await promisify(execFile)(
			process.execPath,
			[serverFile, "search", "--explain", "who deploys on Fridays?"],
			{ cwd: memory.folder, env: { ...process.env, ...env } },
		);
		const [found, why] = stdout.split("\n");
		assert.match(found ?? "", /Alice deploys on Fridays/);
		assert.match(why ?? "", says);

		const server = await stdioClient(env, memory.folder);
		const ask = async (more: object) =>
			(
				await server.call<{ memories: { why?: string }[] }>("search_memories", {
					query: "who deploys on Fridays?",
					...more,
				})
			).content.memories[0];
		assert.match((await ask({ explain: true }))?.why ?? "", says);
		assert.ok(!("why" in ((await ask({})) ?? { why: "" })));
		await server.close();
	});
});
