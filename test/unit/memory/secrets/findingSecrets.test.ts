import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { findSecrets } from "../../../../src/memory/secrets/findSecrets.ts";
import { redactSecrets } from "../../../../src/memory/secrets/secretGuard.ts";
import { harmlessTexts, randomSigns, secretShapes } from "../../../support/fixtures/secretSamples.ts";

describe("Finding secrets", () => {
	for (const [name, shape] of Object.entries(secretShapes))
		it(`takes exactly the secret: ${name}`, async () => {
			for (let seed = 1; seed <= 40; seed += 1) {
				const marked = shape(randomSigns(7919 * seed));
				const [before = "", secret = "", after = ""] = marked.split(/[[\]]/);
				const { text } = await redactSecrets(before + secret + after);
				assert.ok(!text.includes(secret), `missed in: ${marked}`);
				assert.ok(
					text.startsWith(`${before}‹redacted: `) && text.endsWith(`›${after}`),
					`${marked}: ${text}`,
				);
			}
		});

	for (const text of harmlessTexts)
		it(`leaves alone: ${text.slice(0, 60)}`, async () => {
			assert.deepEqual(await findSecrets(text), []);
		});

	it("leaves alone what this project's own pages say", async () => {
		const found: string[] = [];
		for (const file of [
			...globSync("docs/*.md"),
			"README.md",
			"SECURITY.md",
			"CONTRIBUTING.md",
			"CHANGELOG.md",
		]) {
			const text = readFileSync(file, "utf8");
			for (const { start, end } of await findSecrets(text)) found.push(text.slice(start - 20, end));
		}
		assert.deepEqual(found, []);
	});

	it("takes time in proportion to a text, whatever is in it", async function () {
		// A pattern that goes back and forth would need minutes.
		this.timeout(20_000);
		const parts = [
			"a",
			"=",
			"a=",
			"eyJ",
			"eyJa.",
			"password ",
			"token=a",
			"key-",
			"a.",
			"A1-",
			"://a:",
			"Bearer a1",
			"curl a -u a",
			"user=a;pwd",
			"aaaaaaa1\n",
			'\\"token\\":\\"',
			"mysql a -p",
			"a:1234:b:",
		];
		const mark = `-----BEGIN ${"PRIVATE"} KEY-----\n`;
		for (const part of [...parts, mark, " ", "\n", "sk-", "'", "x_y_", "<private>"])
			await findSecrets(part.repeat(32_000 / part.length));
	});

	it("takes both parts of a pair of AWS keys", async () => {
		const signs = randomSigns(5);
		const [key, secret] = [`${"AK"}IA${signs("base32", 16)}`, signs("base64", 40)];
		for (const text of [`${key},${secret}`, `aws: ${key} / ${secret}`, `${key}:${secret}\n`]) {
			const redacted = await redactSecrets(text);
			assert.ok(!redacted.text.includes(key) && !redacted.text.includes(secret), redacted.text);
		}
	});

	it("leaves alone what follows a key on the next line", async () => {
		const key = `${"ghp"}_${randomSigns(3)("word", 36)}`;
		const rest = "\nproduction\n9c1185a5c5e9fc54612808977ee8f548b2258d31";
		assert.equal((await redactSecrets(key + rest)).text, `‹redacted: GitHub token›${rest}`);
	});

	it("is not turned off by a text", async () => {
		const secret = `${"ghp"}_${randomSigns(3)("word", 36)}`;
		const { text } = await redactSecrets(`// secretlint-disable\n${secret}\n// gitleaks:allow`);
		assert.equal(text, "// secretlint-disable\n‹redacted: GitHub token›\n// gitleaks:allow");
	});

	it("finds nothing in what it has redacted", async () => {
		for (const shape of Object.values(secretShapes)) {
			const { text } = await redactSecrets(shape(randomSigns(11)).replace(/[[\]]/g, ""));
			assert.deepEqual(await redactSecrets(text), { text, kinds: [] });
		}
	});
});
