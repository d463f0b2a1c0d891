import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "../../../src/store/sqlite/schema.ts";
import { indexTerms, queryTerms } from "../../../src/text/terms.ts";

/** Whether a text is among those the query's words lead to: all of them, for every one must be found. */
function finds(query: string, text: string): boolean {
	const indexed = new Set(indexTerms(text));
	const { terms } = queryTerms(query);
	return terms.length > 0 && terms.every((term) => indexed.has(term));
}

describe("The words of texts and queries", () => {
	const found: readonly (readonly [why: string, query: string, text: string])[] = [
		["case", "POSTGRES", "We use postgres"],
		["a plural", "database", "two databases"],
		["an ending", "deploying", "They deployed on Friday"],
		["another ending", "configuration", "how it is configured"],
		["a missing diacritic", "creme brulee", "Crème brûlée is her favourite"],
		["an added diacritic", "Zürich", "moved to Zurich"],
		["letters composed in another way", "cafe\u0301", "café"],
		["a possessive", "Alice", "Alice's bicycle"],
		["a typographic possessive", "Alice's", "Alice’s bicycle"],
		["a contraction", "don't", "we don’t do this"],
		["a camelCase name by itself", "getUserName", "call getUserName first"],
		["a camelCase name by a part", "user", "call getUserName first"],
		["a camelCase name in lower case", "getusername", "call getUserName first"],
		["a snake_case name by a part", "timeout", "set request_timeout to 5"],
		["a path by a part", "store", "see src/store/terms.ts"],
		["a number", "8080", "port: 8080"],
		["full-width letters", "ＶＩＭ", "uses vim"],
		["a Cyrillic word", "ключ", "Ключ под ковриком"],
		["a Greek word in its final form", "λογος", "ΛΟΓΟΣ"],
		["a Chinese word", "蓝色", "我们使用蓝色主题"],
		["a single Chinese character", "猫", "她有一只猫"],
		["a Japanese word", "設定", "日本語の設定です"],
		["a Japanese katakana word", "サーバー", "新しいサーバーを買った"],
		["a Thai word", "ข้าวผัด", "ฉันชอบกินข้าวผัด"],
		["a Latin word within Chinese", "docker", "我们用Docker部署"],
		["a Latin word within Thai", "databases", "ฉันใช้DatabaseทุกวันDon't"],
		["a Hindi word", "हिन्दी", "वह हिन्दी बोलती है"],
	];
	for (const [why, query, text] of found) {
		it(`find ${JSON.stringify(text)} by ${JSON.stringify(query)}: ${why}`, () => {
			assert.ok(finds(query, text), `${queryTerms(query).terms} in ${indexTerms(text)}`);
		});
	}

	const strangers: readonly (readonly [query: string, text: string])[] = [
		["cat", "category"],
		["8080", "80801"],
		["日本", "本日は晴天"],
		["蓝色", "色蓝"],
		["name", "surname"],
		["ข้าว", "ฉันรักเธอ"],
		["!!!", "wow!!!"],
	];
	for (const [query, text] of strangers) {
		it(`do not find ${JSON.stringify(text)} by ${JSON.stringify(query)}`, () => {
			assert.ok(!finds(query, text), `${queryTerms(query).terms} in ${indexTerms(text)}`);
		});
	}

	it("keep repeats and order in the index", () => {
		assert.deepEqual(indexTerms("Tabs, then spaces, then tabs"), ["tab", "then", "space", "then", "tab"]);
	});

	it("are asked for once each", () => {
		assert.deepEqual(queryTerms("tabs Tabs TAB").terms, ["tab"]);
	});

	const hostile = [
		'"quoted"',
		'un"balanced',
		"NEAR(tabs spaces, 5)",
		"terms:tabs",
		"tab*",
		"^tabs",
		"-tabs + spaces",
		"{a b}: c",
		"tabs AND OR NOT",
		"'; DROP TABLE memories; --",
		"a\0b",
		"(((",
		'"""',
		"\u0301",
		"🍕 pizza",
		"ฉันdon'tชอบ",
	];
	for (const text of hostile) {
		it(`never let an operator of the index through: ${JSON.stringify(text)}`, () => {
			for (const term of [...indexTerms(text), ...queryTerms(text).terms])
				assert.match(term, /^[\p{L}\p{M}\p{N}]+$/u);
		});
	}

	it("are the words the index itself knows", () => {
		const texts = [
			...hostile,
			...found.flatMap(([, query, text]) => [query, text]),
			"Ångström straße İstanbul Ελληνικός ШКОЛА ½ x² Ⅳ ﬁle 한국어 ไทย العربية עברית தமிழ் ქართული Ｆｕｌｌ",
		];
		const terms = new Set(texts.flatMap((text) => [...indexTerms(text), ...queryTerms(text).terms]));
		const database = new DatabaseSync(":memory:");
		for (const migration of migrations) database.exec(migration);
		const insert = database.prepare("INSERT INTO memories_fts (rowid, terms) VALUES (?, ?)");
		let row = 0;
		for (const term of terms) insert.run(++row, term);
		const known = new Set(
			database
				.prepare("SELECT term FROM memories_vocabulary")
				.all()
				.map(({ term }) => term),
		);
		database.close();
		assert.deepEqual(
			[...terms].filter((term) => !known.has(term)),
			[],
		);
	});

	it("leave stop words out", () => {
		assert.deepEqual(queryTerms("Can you please tell me which editor Alice uses?"), {
			terms: ["editor", "alic", "us"],
			onlyStopWords: false,
		});
	});

	for (const query of ["What is the", "who are they?", "Tell me about it"]) {
		it(`keep the terms of a query of stop words only, and say so: ${query}`, () => {
			const { terms, onlyStopWords } = queryTerms(query);
			assert.equal(onlyStopWords, true);
			assert.equal(terms.length, query.split(" ").length);
		});
	}

	it("are few in a query, however long it is", () => {
		const words = Array.from({ length: 5000 }, (_, index) => String(index)).join(" ");
		assert.ok(queryTerms(words).terms.length <= 100);
		assert.equal(indexTerms(words).length, 5000);
	});

	for (const piece of ["word ", "aB", "'", "a'", "日", "ไทย", "\u0301", "é", '"', "ー", "🍕"]) {
		it(`do not take long in the longest text of ${JSON.stringify(piece)}`, () => {
			const text = piece.repeat(Math.floor(32_000 / piece.length));
			const start = performance.now();
			indexTerms(text);
			queryTerms(text);
			assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
		});
	}
});
