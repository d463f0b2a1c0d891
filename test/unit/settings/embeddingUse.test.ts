import assert from "node:assert/strict";
import { edited, editsOf, missingOf, requiring, valuesOf } from "../../../src/settings/edits.ts";
import { type EmbeddingUse, embeddingUse, embeddingUseChanges } from "../../../src/settings/embeddingUse.ts";
import type { Values } from "../../../src/settings/values.ts";

describe("Where embeddings come from", () => {
	const llm: Values = { LLM_PROVIDER: "openai", LLM_BASE_URL: "http://a.local/v1", LLM_CHOICE: "m" };
	const table: readonly (readonly [Values, EmbeddingUse])[] = [
		[{}, "builtin"],
		[{ LLM_PROVIDER: "vscode" }, "builtin"],
		[llm, "same"],
		[{ LLM_BASE_URL: "http://a.local/v1" }, "same"],
		[{ ...llm, EMBEDDING_PROVIDER: "openai" }, "same"],
		[{ ...llm, EMBEDDING_PROVIDER: "builtin" }, "builtin"],
		[{ ...llm, EMBEDDING_BASE_URL: "default" }, "default"],
		[{ ...llm, EMBEDDING_PROVIDER: "ollama" }, "default"],
		[{ EMBEDDING_PROVIDER: "openai" }, "default"],
		[{ ...llm, EMBEDDING_BASE_URL: "http://b.local/v1" }, "another"],
		[{ EMBEDDING_BASE_URL: "http://b.local/v1" }, "another"],
	];
	for (const [values, use] of table)
		it(`is ${use} for ${JSON.stringify(values)}, and still is when it is chosen`, () => {
			assert.equal(embeddingUse(values), use);
			const { changes, required } = embeddingUseChanges(use, values);
			assert.equal(embeddingUse(valuesOf(edited(editsOf(values), changes, "typed")), required), use);
		});

	it("asks for the URL of another endpoint, so that no default takes its place", () => {
		const { changes, required } = embeddingUseChanges("another", llm);
		const edits = requiring(edited(editsOf(llm), changes, "typed"), required);
		assert.deepEqual(missingOf(edits), ["EMBEDDING_BASE_URL"]);
		assert.equal(embeddingUse(valuesOf(edits), edits.required), "another");
	});
});
