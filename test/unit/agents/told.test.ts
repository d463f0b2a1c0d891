import assert from "node:assert/strict";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rememberTold, tidySessions, toldIn } from "../../../src/agents/hooks/told.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("What a session was told", () => {
	it("is kept apart from every other session's, whatever their ids are", async () => {
		const folder = temporaryFolder();
		const long = "P".repeat(150);
		const ids = ["a", "61", "A", "41", "_41", "..", "../../x", "a/b", "a\0b", "é\n", `${long}1`, `${long}2`];
		for (const id of ids) await rememberTold({ folder, id }, [`of ${id}`]);
		for (const id of ids) assert.deepEqual(await toldIn({ folder, id }), [`of ${id}`], id);
		assert.deepEqual(readdirSync(folder), ["sessions"]);
		assert.equal(readdirSync(join(folder, "sessions")).length, ids.length);
	});

	it("is forgotten after two weeks, or before among too many, without a look at all of them", async () => {
		const folder = temporaryFolder();
		const sessions = join(folder, "sessions");
		mkdirSync(join(sessions, "somebody's folder"), { recursive: true });
		const old = new Date(Date.now() - 15 * 86_400_000);
		for (const name of ["old.json", "old.json.1.tmp", "somebody's folder"]) {
			if (name.startsWith("old")) writeFileSync(join(sessions, name), "[]");
			utimesSync(join(sessions, name), old, old);
		}
		writeFileSync(join(sessions, "new.json"), "[]");
		await tidySessions(folder);
		assert.deepEqual(readdirSync(sessions).sort(), ["new.json", "somebody's folder"]);
		for (let each = 0; each < 3000; each += 1) writeFileSync(join(sessions, `${each}.json`), "[]");
		await tidySessions(folder);
		const left = readdirSync(sessions).length;
		assert.ok(left > 2500 && left <= 2902, String(left));
		for (let times = 0; times < 20; times += 1) await tidySessions(folder);
		const kept = readdirSync(sessions).length;
		assert.ok(kept <= 2000 && kept >= 1800, String(kept));
	});
});
