import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import { type HttpEndpoint, httpOnly, urlsOf } from "../../../src/config/endpoints.ts";
import { ConfigError, messageOf } from "../../../src/config/remarks.ts";
import type { Source } from "../../../src/config/sources.ts";
import type { Environment } from "../../../src/config/variables.ts";

const base = { LLM_PROVIDER: "openai", LLM_CHOICE: "m", EMBEDDING_MODEL_CHOICE: "e" };
const one = "http://gpu1:8000/v1";
const two = "http://gpu2:8000/v1";

function read(given: Environment | readonly Source[]) {
	const { config, notices } = readConfig(given, {});
	const shown = (endpoint: HttpEndpoint | undefined) => endpoint && [urlsOf(endpoint), endpoint.apiKey];
	return {
		llm: shown(httpOnly(config.llm)),
		embedding: shown(config.embedding),
		notices: notices.map(messageOf),
	};
}

const lists: Readonly<Record<string, string>> = {
	"commas and spaces": `${one}, ${two}`,
	"commas alone": `${one},${two}`,
	"line breaks": `${one}\n${two}\r\n`,
	"spaces alone": ` ${one}  ${two} `,
	"a semicolon": `${one}; ${two}`,
	"a trailing comma": `${one},${two},`,
	"a leading comma and an empty place": `,${one},,${two}`,
	"a server that is named twice": `${one},${two},${one}/`,
	"semicolons instead": `${one};${two}`,
	"Chinese commas instead": `${one}，${two}`,
	"bars instead": `${one} | ${two}`,
	"a list in JSON": JSON.stringify([one, two]),
	"slips of all kinds": "gpu1:8000/v1/, http://gpu2:8000/v1/chat/completions",
};

describe("A URL variable that names several servers", () => {
	for (const [name, list] of Object.entries(lists))
		it(`takes ${name}`, () => {
			const { llm, embedding } = read({ ...base, LLM_BASE_URL: list });
			assert.deepEqual(llm, [[one, two], undefined]);
			assert.deepEqual(embedding, [[one, two], undefined], "embeddings follow");
			const own = read({ ...base, LLM_BASE_URL: "http://other/v1", EMBEDDING_BASE_URL: list });
			assert.deepEqual(own.embedding?.[0], [one, two]);
		});

	it("is one server where only one is named", () => {
		assert.deepEqual(read({ ...base, LLM_BASE_URL: `${one},` }).llm, [[one], undefined]);
	});

	it("takes no default beside others", () => {
		const env = { ...base, LLM_BASE_URL: one, EMBEDDING_BASE_URL: `default, ${two}` };
		assert.throws(() => read(env), /EMBEDDING_BASE_URL.* is not valid: it takes the word default by itself/);
	});

	it("tells what was corrected, and in which", () => {
		const { notices } = read({ ...base, LLM_BASE_URL: `${one}, gpu2:8000/v1, ${one}` });
		const [said] = notices.filter((notice) => notice.startsWith("LLM_BASE_URL"));
		assert.match(said ?? "", /read as http:\/\/gpu1:8000\/v1, http:\/\/gpu2:8000\/v1/);
		assert.match(said ?? "", /in gpu2:8000\/v1, the scheme was missing/);
		assert.match(said ?? "", /http:\/\/gpu1:8000\/v1 was named twice/);
	});

	for (const wrong of [
		"http://my host:80/v1",
		`${one},ftp://gpu2/v1`,
		`${one},http://ada:pw@gpu2/v1`,
		",",
		" , ,",
	])
		it(`is refused as a whole: ${wrong}`, () => {
			assert.throws(
				() => read({ ...base, LLM_BASE_URL: wrong }),
				(error) => {
					assert.ok(error instanceof ConfigError);
					assert.match(error.message, /LLM_BASE_URL.*is not valid: it takes an http or https URL/);
					assert.doesNotMatch(error.message, /pw/);
					return true;
				},
			);
		});
});

describe("The key of several servers", () => {
	const source = (name: string, values: Environment): Source => ({ name, values });

	it("goes to all of them if it was given together with the list", () => {
		const { llm, embedding } = read({ ...base, LLM_BASE_URL: `${one},${two}`, LLM_API_KEY: "sk-1" });
		assert.deepEqual([llm?.[1], embedding?.[1]], ["sk-1", "sk-1"]);
	});

	it("goes to none of them if another source adds a host", () => {
		const { llm, notices } = read([
			source(".env", { LLM_BASE_URL: `${one},${two}` }),
			source("the environment", { ...base, LLM_BASE_URL: one, LLM_API_KEY: "sk-1" }),
		]);
		assert.deepEqual(llm, [[one, two], undefined]);
		assert.match(notices.join(), /LLM_API_KEY of the environment is not sent to .*http:\/\/gpu2:8000/);
	});

	it("goes to those that another source leaves of the list", () => {
		const { llm } = read([
			source(".env", { LLM_BASE_URL: two }),
			source("the environment", { ...base, LLM_BASE_URL: `${one},${two}`, LLM_API_KEY: "sk-1" }),
		]);
		assert.deepEqual(llm, [[two], "sk-1"]);
	});

	it("serves embeddings only if all their hosts are among the language model's", () => {
		const llm = { ...base, LLM_BASE_URL: `${one},${two}`, LLM_API_KEY: "sk-1" };
		assert.equal(read({ ...llm, EMBEDDING_BASE_URL: two }).embedding?.[1], "sk-1");
		const mixed = `${two},https://elsewhere.example/v1`;
		const { embedding, notices } = read({ ...llm, EMBEDDING_BASE_URL: mixed });
		assert.equal(embedding?.[1], undefined);
		assert.match(notices.join(), /LLM_API_KEY is not sent to https:\/\/elsewhere.example/);
	});

	it("is not the OPENAI_API_KEY where one of them is not OpenAI's", () => {
		const list = `https://api.openai.com/v1, ${one}`;
		const { config } = readConfig({ ...base, LLM_BASE_URL: list }, { OPENAI_API_KEY: "sk-openai" });
		assert.equal(httpOnly(config.llm)?.apiKey, undefined);
	});
});

describe("The limits of requests", () => {
	it("are read for each role", () => {
		const { config } = readConfig({
			...base,
			LLM_BASE_URL: one,
			LLM_MAX_CONCURRENCY: "2",
			LLM_REQUESTS_PER_MINUTE: "60",
			EMBEDDING_MAX_CONCURRENCY: "8",
			EMBEDDING_REQUESTS_PER_MINUTE: "3000",
		});
		const limits = (endpoint: HttpEndpoint | undefined) => [
			endpoint?.maxConcurrency,
			endpoint?.requestsPerMinute,
		];
		assert.deepEqual(
			[limits(httpOnly(config.llm)), limits(config.embedding)],
			[
				[2, 60],
				[8, 3000],
			],
		);
	});

	for (const [name, value] of [
		["LLM_MAX_CONCURRENCY", "0"],
		["EMBEDDING_MAX_CONCURRENCY", "many"],
		["LLM_REQUESTS_PER_MINUTE", "-5"],
		["EMBEDDING_REQUESTS_PER_MINUTE", "1.5"],
	] as const)
		it(`are refused as other numbers are: ${name}=${value}`, () => {
			assert.throws(
				() => readConfig({ ...base, LLM_BASE_URL: one, [name]: value }),
				new RegExp(`${name}="${value}" is not valid: it takes a whole number from 1`),
			);
		});
});
