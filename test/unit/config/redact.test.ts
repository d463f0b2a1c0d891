import assert from "node:assert/strict";
import { looksLikeKey, redactor } from "../../../src/config/redact.ts";
import { secretsIn } from "../../../src/config/secrets.ts";
import { plantedKey as key, spellings } from "../../support/fixtures/spellings.ts";

describe("Secrets", () => {
	for (const [form, spell] of Object.entries(spellings))
		it(`are hidden ${form}`, () => {
			const clean = redactor([key])(`The server refused [${spell(key)}] at 12:00.`);
			assert.match(clean, /^The server refused \[.{0,45}\] at 12:00\.$/s);
			assert.ok(clean.includes("(key)"), clean);
		});

	it("leave no fragment of eight characters", () => {
		const plain = key.replace(/[^a-z0-9]/gi, "");
		for (let start = 0; start + 8 <= plain.length; start += 1)
			assert.equal(redactor([key])(`<${plain.slice(start, start + 8)}>`), "<(key)>");
	});

	it("that are short are hidden as whole words", () => {
		assert.equal(redactor(["k7"])("No tenant k7 in desk7"), "No tenant (key) in desk7");
		assert.equal(redactor(["a/b=c"])("GET /?key=a%2Fb%3Dc failed"), "GET /?key=(key) failed");
	});

	it("do not break texts when they are no secrets, or words", () => {
		const text =
			"Ollama says: none of the test models is local. The embedding model needs no key at http://localhost:11434/v1.";
		for (const secret of ["ollama", "none", "test", "EMPTY", "lm-studio", "not-needed", "no-key", "local"])
			assert.equal(redactor([secret])(text), text);
		const wordy = redactor(["team-embedding-7f3a91c2"]);
		assert.equal(wordy(text), text);
		assert.equal(wordy("Unknown tenant team-embedding-7f3a91c2"), "Unknown tenant (key)");
		assert.equal(wordy("Unknown tenant embedding-7f3a91c2"), "Unknown tenant (key)");
		assert.equal(redactor(["swordfish"])("password swordfish"), "password (key)");
		assert.equal(redactor(["Basic YWRhOm9wZW5TZXNhbWU="])("ada has openSesame"), "ada has (key)");
	});

	it("are hidden by their form where nobody knows them", () => {
		const redact = redactor([]);
		assert.equal(
			redact("Incorrect API key provided: sk-abc123def456."),
			"Incorrect API key provided: (key).",
		);
		assert.equal(redact("Bad header Bearer abc"), "Bad header Bearer (key)");
		assert.equal(redact("Bearer authentication is needed"), "Bearer authentication is needed");
		assert.equal(redact("to https://ada:pass@host/v1"), "to https://(key)@host/v1");
		assert.equal(redact("such as postgres://user@db.example.com"), "such as postgres://user@db.example.com");
		assert.equal(redact('"http://host/v1?a=1&api_key=S3cret"'), '"http://host/v1?a=1&api_key=(key)"');
		assert.equal(redact("?api-version=2024-10-21"), "?api-version=2024-10-21");
	});

	it("are hidden in a long text in linear time", function () {
		this.timeout(10_000);
		const redact = redactor([key, "another-secret-77aa88bb99"]);
		for (const piece of ["%41", "sk-", "a://", "&amp;", "Bearer ", "word ", "\\u0041", "0x41 ", "?a="]) {
			const long = piece.repeat(500_000 / piece.length);
			const clean = redact(`${long} ${key}`);
			assert.match(clean.slice(-10), /\(key\)/, piece);
		}
	});

	it("are found in every variable, even in a wrong one", () => {
		const env = {
			LLM_API_KEY: "sk-one",
			EMBEDDING_API_KEY: "${input:key}",
			AZURE_OPENAI_API_KEY: "azure-two",
			AUTH_TOKEN: "token-three",
			LLM_HEADERS: '{"X-Token": "${env:TEAM_TOKEN}", "Accept": "text/plain"}',
			EMBEDDING_HEADERS: "X-Token: header-six",
			LLM_BASE_URL: "http://ada:pass-seven@host/v1?api_key=query-eight",
			LLM_CHOICE: "sk-proj-nine9999999999",
			EMBEDDING_MODEL_CHOICE: "sk-no-number-in-this-model",
			DATABASE_PASSWORD: "ten",
			DATABASE_URL: "postgres://ada:eleven@host/db",
			DATABASE_HOST: "host",
		};
		const secrets = secretsIn(env, { TEAM_TOKEN: "team-four", OPENAI_API_KEY: "sk-five" });
		assert.deepEqual(
			secrets.sort(),
			[
				"azure-two",
				"eleven",
				"header-six",
				"pass-seven",
				"query-eight",
				"sk-five",
				"sk-one",
				"sk-proj-nine9999999999",
				"team-four",
				"ten",
				"token-three",
			].sort(),
		);
	});

	it("have a form that is known", () => {
		for (const text of [
			"sk-abcdefgh12345678",
			"hf_abcdefgh12345678",
			"Bearer abc123456",
			"gsk_1234567890abcd",
		])
			assert.ok(looksLikeKey(text), text);
		for (const text of ["qwen3:8b", "text-embedding-3-small", "sk-model", "gpt-4o", "http://host:8009/v1"])
			assert.ok(!looksLikeKey(text), text);
	});
});
