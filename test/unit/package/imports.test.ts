import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { forbidden, importsIn, projectImports } from "../../support/imports/checkImports.ts";
import { vscodeApi } from "../../support/imports/rooms.ts";

describe("Imports", () => {
	it("go only where the table of rooms lets them", async () => {
		const imports = await projectImports();
		assert.ok(imports.length > 500, `${imports.length} imports were found`);
		assert.ok(
			imports.some(({ from, to }) => from.endsWith("panel/channel.ts") && to.startsWith("settings/")),
		);
		assert.deepEqual(forbidden(imports), []);
	});

	const wrong: readonly (readonly [from: string, to: string])[] = [
		["store/sqlite/rows.ts", "memory/input.ts"],
		["store/sqlite/rows.ts", "config/config.ts"],
		["memory/input.ts", "doctor/report.ts"],
		["memory/input.ts", vscodeApi],
		["settings/values.ts", vscodeApi],
		["settings/values.ts", "memory/input.ts"],
		["cli/main.ts", "vscode/deps.ts"],
		["vscode/memories/save.ts", "cli/main.ts"],
		["vscode/memories/save.ts", "vscode/settings/panel.ts"],
		["extension.ts", "memory/memoryService.ts"],
		["server.ts", "mcp/server.ts"],
		["../media/panel/main.ts", "settings/values.ts"],
		["new/file.ts", "text/terms.ts"],
	];
	for (const [from, to] of wrong)
		it(`are refused from ${from} to ${to}`, () => assert.equal(forbidden([{ from, to }]).length, 1));

	it("are found in every form", () => {
		const text = `
import type { A } from "../text/a.ts";
import { type B, c } from "./b.ts";
import "./c.ts";
export * from "../config/d.ts";
const { e } = await import("../memory/e.ts");
type F = import("../memory/f.ts").F;
import type * as api from "vscode";
import { readFile } from "node:fs";`;
		assert.deepEqual(
			importsIn("store/x.ts", text).map(({ to }) => to),
			["text/a.ts", "store/b.ts", "store/c.ts", "config/d.ts", "memory/e.ts", "memory/f.ts", vscodeApi],
		);
	});

	it("are read from the files, so that a wrong one that is added is found", async () => {
		const folder = temporaryFolder();
		await mkdir(join(folder, "text"));
		await writeFile(join(folder, "text", "terms.ts"), 'import type { Memory } from "../store/types.ts";\n');
		assert.deepEqual(forbidden(await projectImports(folder)), [
			"text/terms.ts: text may not import store/types.ts",
		]);
	});
});
