import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { variables } from "../../../src/config/variables.ts";

describe("The README", () => {
	const text = readFileSync("README.md", "utf8");

	it("begins with the two commands, and the second is what CI runs", () => {
		const [run, test] = [...text.matchAll(/^(npm ci && npm \w+)/gm)].map(([, command]) => command);
		assert.deepEqual([run, test], ["npm ci && npm start", "npm ci && npm test"]);
		assert.match(readFileSync(".ci/run", "utf8"), /^npm ci && npm test$/m);
	});

	it("has every variable in its table, with its setting and default, and no other", () => {
		const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (?:`mcpMem0\.([\w.]+)`)? ?\| (.+?) \|/gm)];
		assert.deepEqual(
			rows.map(([, name, setting]) => [name, setting]),
			variables.map((variable) => [variable.name, "setting" in variable ? variable.setting : undefined]),
		);
		for (const [, name, , shown] of rows) {
			const variable = variables.find((candidate) => candidate.name === name);
			if (variable && "default" in variable) assert.equal(shown, `\`${variable.default}\``);
		}
	});

	it("shows pictures that exist", () => {
		const pictures = [...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path ?? "");
		assert.ok(pictures.length > 0);
		assert.deepEqual(
			pictures.filter((path) => !existsSync(path)),
			[],
		);
	});

	it("and the walkthrough use every picture that is kept", () => {
		const used = text + readFileSync("package.json", "utf8");
		assert.deepEqual(
			readdirSync("media").filter((name) => name.endsWith(".png") && !used.includes(`media/${name}`)),
			[],
		);
	});
});
