import assert from "node:assert/strict";
import { estimatedSize, reembedOffer } from "../../../src/settings/reembedOffer.ts";

const at = (state: "unused" | "working" | "failing", origin = "http://a.example") => ({
	description: "bge-m3 at http://a.example/v1",
	origin,
	state,
});

describe("The offer to re-embed", () => {
	it("is made only for a model that has just answered", () => {
		const offer = (state: "unused" | "working" | "failing") =>
			reembedOffer({ outsideSpace: 4, embedding: at(state) });
		assert.equal(
			offer("working"),
			"4 memories of an earlier embedding model are found only by their words. bge-m3 at http://a.example/v1 can embed them.",
		);
		assert.equal(offer("unused"), undefined);
		assert.equal(offer("failing"), undefined);
	});

	it("is not made where there is nothing to do", () => {
		assert.equal(reembedOffer({ outsideSpace: 0, embedding: at("working") }), undefined);
	});

	it("is made for the built-in model, which needs no answer to be known to work", () => {
		const one = reembedOffer({ outsideSpace: 1, embedding: { ...at("unused", ""), description: "It" } });
		assert.equal(one, "1 memory of an earlier embedding model is found only by its words. It can embed it.");
	});

	it("says about how much would be sent, from the texts that are known", () => {
		assert.equal(estimatedSize(["é".repeat(500)], 20), "20 KB");
		assert.equal(estimatedSize(["a".repeat(100), "b".repeat(300)], 30_000), "6 MB");
		assert.equal(estimatedSize(["short"], 2), "1 KB");
	});
});
