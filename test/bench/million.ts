import { openPostgresStore } from "../../src/store/postgres/postgresStore.ts";
import { testSettings } from "../support/postgres/testDatabase.ts";
import { makeCorpus } from "./corpus.ts";
import { fill } from "./filledMemory.ts";
import { draftsOf } from "./postgres.ts";

const url = "postgres://postgres@127.0.0.1:5599/postgres";
const size = Number(process.argv[2]);
const corpus = makeCorpus(size, 200);
console.log("corpus", new Date().toISOString());
const store = await openPostgresStore(testSettings("bench", url), { chat: "", embedding: "" });
const t = performance.now();
const drafts = draftsOf(corpus);
for (let i = 0; i < drafts.length; i += 50_000) {
	await fill(store, drafts.slice(i, i + 50_000), 1000);
	console.log(i + 50_000, Math.round((performance.now() - t) / 1000));
}
for (;;) await new Promise((r) => setTimeout(r, 10_000));
