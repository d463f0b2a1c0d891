import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { variables } from "../../../src/config/variables.ts";

describe("The README", () => {
	const text = readFileSync("README.md", "utf8");
	const pages = ["README.md", ...readdirSync("docs").map((name) => join("docs", name))]
		.filter((file) => file.endsWith(".md"))
		.map((file) => ({ file, text: readFileSync(file, "utf8") }));

	it("begins with the two commands, and the second is what CI runs", () => {
		const [run, test] = [...text.matchAll(/^(npm ci && npm \w+)/gm)].map(([, command]) => command);
		assert.deepEqual([run, test], ["npm ci && npm start", "npm ci && npm test"]);
		assert.match(readFileSync(".ci/run", "utf8"), /^npm ci && npm test$/m);
	});

	it("leads to a table of every variable, with its setting and default, and no other", () => {
		const rows = [
			...readFileSync("docs/configuration.md", "utf8").matchAll(
				/^\| `([A-Z_]+)` \| (?:`mcpMem0\.([\w.]+)`)? ?\| (.+?) \|/gm,
			),
		];
		assert.deepEqual(
			rows.map(([, name, setting]) => [name, setting]),
			variables.map((variable) => [variable.name, "setting" in variable ? variable.setting : undefined]),
		);
		for (const [, name, , shown] of rows) {
			const variable = variables.find((candidate) => candidate.name === name);
			if (variable && "default" in variable) assert.equal(shown, `\`${variable.default}\``);
		}
	});

	it("and the pages of docs have only pictures and links that exist", () => {
		const targets = pages.flatMap(({ file, text }) =>
			[...text.matchAll(/!?\[[^\]]+\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, path]) =>
				join(dirname(file), path ?? ""),
			),
		);
		assert.ok(targets.length > 0);
		assert.deepEqual(
			targets.filter((path) => !existsSync(path)),
			[],
		);
	});

	it("and the walkthrough use every picture that is kept", () => {
		const used = pages.map(({ text }) => text).join("") + readFileSync("package.json", "utf8");
		assert.deepEqual(
			readdirSync("media").filter((name) => name.endsWith(".png") && !used.includes(`media/${name}`)),
			[],
		);
	});
});
