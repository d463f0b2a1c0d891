import assert from "node:assert/strict";
import { edited, editsOf, requiring, valuesOf } from "../../../src/settings/edits.ts";
import { examineValues } from "../../../src/settings/examineValues.ts";
import { withRemark } from "../../../src/settings/panel/modelRemarks.ts";
import { placeholdersOf } from "../../../src/settings/panel/placeholders.ts";
import { presetOf, setupInForce } from "../../../src/settings/panel/setup.ts";
import { presetChanges, presets } from "../../../src/settings/presets.ts";
import type { Values } from "../../../src/settings/values.ts";

const inForce = (values: Values) => setupInForce(examineValues(values, {}).config);

describe("The set-up that the panel shows", () => {
	for (const preset of presets)
		it(`is ${preset.label} right after that was chosen, and when it is saved with what was left open`, () => {
			const chosen = requiring(
				edited(editsOf({ LLM_PROVIDER: "azure" }), presetChanges(preset), "preset"),
				preset.required,
			);
			assert.equal(presetOf(valuesOf(chosen), chosen.required)?.id, preset.id);
		});

	it("is found again in saved settings, with other models, too", () => {
		assert.equal(presetOf({})?.id, "builtin");
		assert.equal(presetOf({ LLM_PROVIDER: "vscode" })?.id, "copilot");
		assert.equal(presetOf({ LLM_PROVIDER: "openai", LLM_CHOICE: "gpt-5" })?.id, "openai");
		assert.equal(presetOf({ LLM_PROVIDER: "ollama", LLM_CHOICE: "qwen3:8b" })?.id, "ollama");
		const lmStudio = { LLM_PROVIDER: "openai", LLM_BASE_URL: "http://localhost:1234/v1", LLM_CHOICE: "q" };
		assert.equal(presetOf(lmStudio)?.id, "lmstudio");
		assert.equal(presetOf({ ...lmStudio, LLM_BASE_URL: "https://models.example/v1" })?.id, "custom");
	});

	it("is none of the presets where texts go somewhere else", () => {
		assert.equal(presetOf({ EMBEDDING_BASE_URL: "https://embeddings.example/v1" }), undefined);
		assert.equal(
			presetOf({ LLM_PROVIDER: "ollama", LLM_BASE_URL: "http://gpu.example:11434/v1" }),
			undefined,
		);
	});

	it("names each host that gets texts, and promises that nothing leaves only where that is so", () => {
		assert.equal(
			inForce({}),
			"In force now: texts are kept word for word; the built-in model makes the embeddings. Nothing leaves this machine.",
		);
		const remote = { LLM_PROVIDER: "openai", LLM_BASE_URL: "https://models.example/v1", LLM_CHOICE: "m" };
		const words = inForce({ ...remote, EMBEDDING_MODEL_CHOICE: "e" });
		assert.match(words, /m at models\.example makes facts and gets what is saved; e at models\.example/);
		assert.doesNotMatch(words, /Nothing leaves/);
		assert.doesNotMatch(inForce({ ...remote, EMBEDDING_PROVIDER: "builtin" }), /Nothing leaves/);
		assert.doesNotMatch(inForce({ LLM_PROVIDER: "vscode" }), /Nothing leaves/);
		const here = { ...remote, LLM_BASE_URL: "http://localhost:8000/v1", EMBEDDING_PROVIDER: "builtin" };
		assert.match(inForce(here), /m at localhost:8000/);
		assert.doesNotMatch(inForce(here), /Nothing leaves/, "it may be a proxy to another host");
		const several = { ...here, LLM_BASE_URL: "http://localhost:8000/v1,http://gpu.example:8000/v1" };
		assert.match(inForce(several), /localhost:8000, gpu\.example:8000/);
		assert.doesNotMatch(inForce(several), /Nothing leaves/);
		assert.match(inForce({ LLM_PROVIDER: "nobody" }), /have a problem/);
	});
});

describe("A model that is entered", () => {
	const view = { state: "listed", names: ["qwen3:8b", "nomic-embed-text:latest"], text: "" } as const;
	const remark = (LLM_CHOICE: string, more = {}) => {
		const listed = { ...view, names: [...view.names], ...more };
		return withRemark(listed, "chat", { LLM_CHOICE });
	};

	it("is told to be missing in the list, with the one that may be meant", () => {
		const { remark: words, suggestion } = remark("qwen3-8b");
		assert.equal(words, "“qwen3-8b” is not in the list; did you mean qwen3:8b?");
		assert.equal(suggestion, "qwen3:8b");
		assert.equal(remark("zzz").remark, "“zzz” is not in the list.");
	});

	it("is not remarked on if it is there, or nobody knows", () => {
		assert.equal(remark("qwen3:8b").remark, undefined);
		assert.equal(remark("nomic-embed-text").remark, undefined);
		assert.equal(remark("").remark, undefined);
		assert.equal(remark("other", { state: "failed" }).remark, undefined);
		assert.equal(remark("other", { names: [] }).remark, undefined);
	});
});

describe("Empty fields", () => {
	it("show what the chosen provider takes", () => {
		const ollama = placeholdersOf({ LLM_PROVIDER: "ollama" });
		assert.equal(ollama.LLM_BASE_URL, "http://localhost:11434/v1");
		assert.equal(ollama.EMBEDDING_MODEL_CHOICE, "nomic-embed-text");
		const mixed = placeholdersOf({ LLM_PROVIDER: "vscode", EMBEDDING_PROVIDER: "openrouter" });
		assert.equal(mixed.EMBEDDING_BASE_URL, "https://openrouter.ai/api/v1");
		assert.equal(mixed.LLM_BASE_URL, undefined);
		assert.deepEqual(placeholdersOf({}), {});
	});
});
