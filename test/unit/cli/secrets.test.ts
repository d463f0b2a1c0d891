import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { randomSigns } from "../../support/fixtures/secretSamples.ts";
import { add } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("mcp-mem0 secrets", () => {
	it("finds what is kept already, and erases it from every file, without naming it", async () => {
		const folder = temporaryFolder();
		const { run, exported } = place({ MEMORY_DIR: folder, LOG_LEVEL: "DEBUG" });
		const [old = "", now = ""] = [3, 4].map((seed) => `${"ghp"}_${randomSigns(seed)("word", 36)}`);
		const { store } = await openStore(folder);
		const { memory } = await add(store, `The CI token is ${old}`, { metadata: { password: "Tr0ub4dor&3" } });
		await store.memories.change("ada", [{ id: memory.id, text: `The CI token is ${now}` }]);
		await add(store, "We deploy on Thursdays");
		await store.close();

		const seen = await run("secrets");
		assert.equal(seen.code, 1);
		assert.match(seen.stdout, new RegExp(`${memory.id}  a GitHub token in the text\n`));
		assert.match(seen.stdout, /a GitHub token in the history\n/);
		assert.match(seen.stdout, /a secret in the metadata\n/);
		assert.match(
			seen.stderr,
			/5 of 7 texts have secrets\. To erase them for good: mcp-mem0 secrets --erase\n$/,
		);

		const erased = await run("secrets", "--erase");
		assert.equal(erased.code, 0, erased.stderr);
		assert.match(erased.stderr, /Erased the secrets of 5 texts\./);
		const traces = [old, now, "Tr0ub4dor&3"].map((each) => each.slice(4));
		for (const { stdout, stderr } of [seen, erased])
			for (const trace of traces) assert.ok(!`${stdout}${stderr}`.includes(trace));
		for (const file of globSync(`${folder}/*`))
			for (const trace of traces)
				assert.ok(
					!readFileSync(file).includes(trace) && !readFileSync(file).includes(trace.toLowerCase()),
					file,
				);

		const again = await run("secrets", "--json");
		assert.equal(again.code, 0);
		assert.deepEqual(JSON.parse(again.stdout), { secrets: [], texts: 7, erased: false });
		assert.deepEqual((await exported()).map(({ text }) => text).sort(), [
			"The CI token is ‹redacted: GitHub token›",
			"We deploy on Thursdays",
		]);
	});
});
