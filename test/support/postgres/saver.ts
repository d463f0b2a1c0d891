/**
 * A process of tests of failures: saves many texts at once in the database `URL SCHEMA NAME COUNT [FOLDER]`, tries again
 * what failed, and sends what was acknowledged at first, and what failed. With a folder, it keeps there what cannot be
 * saved; then it ends when it is told to.
 */
import { fileURLToPath } from "node:url";
import { openPostgresStore } from "../../../src/store/postgres/postgresStore.ts";
import { newMemory } from "../fixtures/storeFixtures.ts";
import { openAway } from "./awayFixture.ts";
import { testSettings } from "./testDatabase.ts";

export interface Saved {
	readonly acknowledged: readonly string[];
	readonly failed: readonly string[];
	/** What the failures said. */
	readonly said: readonly string[];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [url = "", schema = "", name = "", count = "0", folder] = process.argv.slice(2);
	const settings = { ...testSettings(schema, url), retries: 1 };
	const store = await (folder === undefined
		? openPostgresStore(settings, { chat: "", embedding: "" })
		: openAway(folder, url, schema));
	const entries = Array.from({ length: Number(count) }, (_, n) => ({
		...newMemory(`text ${n} of ${name}`),
		id: `${name}-${n}`,
	}));
	process.send?.("ready");
	process.once("message", async () => {
		const acknowledged: string[] = [];
		const failed: string[] = [];
		const said: string[] = [];
		await Promise.all(
			entries.map(async (entry) => {
				try {
					await store.saves.store(entry);
					acknowledged.push(entry.text);
					process.send?.("acknowledged");
				} catch (error) {
					failed.push(entry.text);
					said.push(String(error));
				}
			}),
		);
		// The same process goes on, once the server is back.
		for (const entry of entries.filter(({ text }) => failed.includes(text)))
			for (;;)
				try {
					await store.saves.store(entry);
					break;
				} catch {
					await new Promise((done) => setTimeout(done, 200));
				}
		process.send?.({ acknowledged, failed, said } satisfies Saved, () => {
			if (folder === undefined) void store.close().then(() => process.exit());
			else process.once("message", () => void store.close().then(() => process.exit()));
		});
	});
}
