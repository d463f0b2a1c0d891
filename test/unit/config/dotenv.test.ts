import assert from "node:assert/strict";
import { parseDotenv } from "../../../src/config/dotenv.ts";

/** What python-dotenv reads of the same text, from its documentation and its own tests. */
const table: readonly (readonly [text: string, values: Readonly<Record<string, string>>])[] = [
	["", {}],
	["\n\r\n \t\n", {}],
	["a=b", { a: "b" }],
	["'a'=b", { a: "b" }],
	["[=b", { "[": "b" }],
	[" a = b ", { a: "b" }],
	["export a=b", { a: "b" }],
	[" export 'a'=b", { a: "b" }],
	["export export_a=1", { export_a: "1" }],
	["export port=8000", { port: "8000" }],
	["# a=b", {}],
	["a=b#c", { a: "b#c" }],
	["a=b #c", { a: "b" }],
	["a=b\t#c", { a: "b" }],
	["a=b   # c # d", { a: "b" }],
	["a=#c", { a: "#c" }],
	["a= #c", { a: "#c" }],
	["a=b c", { a: "b c" }],
	["a=b\u00a0 c", { a: "b\u00a0 c" }],
	["a=b c ", { a: "b c" }],
	["a='b c '", { a: "b c " }],
	['a="b c "', { a: "b c " }],
	["a='b' # c", { a: "b" }],
	['a="#b"', { a: "#b" }],
	["a='b\nc'", { a: "b\nc" }],
	['a="b\nc"', { a: "b\nc" }],
	["a='b\\nc'", { a: "b\\nc" }],
	['a="b\\nc"', { a: "b\nc" }],
	['a="b\\tc\\\\d\\"e"', { a: 'b\tc\\d"e' }],
	["a='b\\'c'", { a: "b'c" }],
	["a=b\\nc", { a: "b\\nc" }],
	["a=`b`", { a: "`b`" }],
	["a=à", { a: "à" }],
	["a=b=c", { a: "b=c" }],
	["a=", { a: "" }],
	["a=\nb=c", { a: "", b: "c" }],
	["a=b\rc=d", { a: "b", c: "d" }],
	["a=b\r\nc=d\r\n", { a: "b", c: "d" }],
	["a=1\na=2", { a: "2" }],
	['uglyKey[%$="S3cr3t_P4ssw#rD" #\na=b', { "uglyKey[%$": "S3cr3t_P4ssw#rD", a: "b" }],
	["a=b\nc=${a}", { a: "b", c: "b" }],
	["a=b\nc='${a}'", { a: "b", c: "b" }],
	["c=${a}\na=b", { c: "", a: "b" }],
	["a=${FROM_ENV}", { a: "of the environment" }],
	["FROM_ENV=x\na=${FROM_ENV}", { FROM_ENV: "x", a: "of the environment" }],
	["a=${NOPE:-b}", { a: "b" }],
	["a=${NOPE:-}", { a: "" }],
	["a=${NOPE}", { a: "" }],
	["a=${FROM_ENV:-b}x", { a: "of the environmentx" }],
	["a=$FROM_ENV", { a: "$FROM_ENV" }],
	["a=${env:TOKEN}", { a: "${env:TOKEN}" }],
	["constructor=x\na=${toString}", { constructor: "x", a: "" }],
];

describe("A .env file", () => {
	for (const [text, values] of table)
		it(`says what it says to python-dotenv: ${JSON.stringify(text)}`, () => {
			const read = parseDotenv(text, { FROM_ENV: "of the environment" });
			assert.deepEqual({ ...read.values }, values);
			assert.deepEqual(read.unread, []);
		});

	it("names the lines that set nothing, as far as they hold no value", () => {
		const text = [
			"# a comment",
			"LLM_BASE_URL: http://secret.example/v1",
			"a=b",
			"set LLM_CHOICE=secret",
			"NO_VALUE",
			'BROKEN="secret',
			"=secret",
			"'quoted' secret",
			"c=d",
		];
		const { values, unread } = parseDotenv(text.join("\n"));
		assert.deepEqual({ ...values }, { a: "b", c: "d" });
		assert.deepEqual(unread, [
			{ line: 2, start: "LLM_BASE_URL:", hasUrl: true },
			{ line: 4, start: "set LLM_CHOICE=" },
			{ line: 5, start: "NO_VALUE" },
			{ line: 6, start: "BROKEN=" },
			{ line: 7, start: "=" },
			{ line: 8, start: "'quoted'" },
		]);
	});

	it("is read in linear time, whatever is in it", function () {
		this.timeout(5000);
		for (const part of ['a="', "a='", '\\"', "${", "${a:-", "=", "#", "\n", " ", "a: b\n", "export "])
			parseDotenv(part.repeat(300_000 / part.length));
	});
});
