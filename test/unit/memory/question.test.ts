import assert from "node:assert/strict";
import { parseQuestion, withoutCommonNames } from "../../../src/memory/searching/question.ts";

describe("A question", () => {
	it("has the words that say something, in their base forms, and knows how they were written", () => {
		const { terms, written } = parseQuestion("What did the children buy in Lisbon?");
		assert.deepEqual(terms, ["child", "bui", "lisbon"]);
		assert.deepEqual(
			terms.map((term) => written.get(term)),
			["children", "buy", "Lisbon"],
		);
	});

	it("of stop words only is known as such", () => {
		assert.equal(parseQuestion("what was that about").onlyStopWords, true);
		assert.equal(parseQuestion("what was the port").onlyStopWords, false);
	});
});

describe("A query without common names", () => {
	const statistics = (held: Readonly<Record<string, number>>, documents = 100) => ({
		documents,
		documentsWith: new Map(Object.entries(held)),
	});
	const query = "What does Ada think of Lisbon?";

	it("lacks those that many memories hold", () => {
		assert.equal(withoutCommonNames(query, statistics({ ada: 60, lisbon: 3 })), "What does think of Lisbon?");
		assert.equal(
			withoutCommonNames("When did Ada's cat come?", statistics({ ada: 60 })),
			"When did cat come?",
		);
	});

	it("keeps rare names, common words, and whatever stands first", () => {
		assert.equal(withoutCommonNames(query, statistics({ ada: 2, lisbon: 3 })), query);
		assert.equal(
			withoutCommonNames("What does the user think?", statistics({ user: 90 })),
			"What does the user think?",
		);
		assert.equal(withoutCommonNames("Ada likes what?", statistics({ ada: 60 })), "Ada likes what?");
	});

	it("is the query itself where there are few memories, or nothing would be left", () => {
		assert.equal(withoutCommonNames(query, statistics({ ada: 5, lisbon: 1 }, 6)), query);
		assert.equal(withoutCommonNames("about Ada", statistics({ ada: 60 })), "about Ada");
	});
});
