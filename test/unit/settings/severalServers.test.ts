import assert from "node:assert/strict";
import { readUsableConfig } from "../../../src/config/usableConfig.ts";
import { EditedSettings } from "../../../src/settings/editedSettings.ts";
import { effectiveRows } from "../../../src/settings/effective.ts";
import { KeyRing } from "../../../src/settings/keys/keyRing.ts";
import { withoutExposed } from "../../../src/settings/keys/transit.ts";
import type { Values } from "../../../src/settings/values.ts";
import { secretStorage } from "../../support/fixtures/secretStorage.ts";

const [a, b] = ["https://a.example", "https://b.example"];
const saved: Values = { LLM_PROVIDER: "openai", LLM_BASE_URL: `${a}/v1`, LLM_CHOICE: "m" };
const list = `${b}/v1, ${a}/v1`;

async function edit(values: Values, secrets: Readonly<Record<string, string>>) {
	const storage = secretStorage(secrets);
	const ring = new KeyRing(storage);
	await ring.load();
	return { edited: new EditedSettings(values, ring, {}), ring };
}

describe("Settings that name several servers", () => {
	it("send the key of one host to none of them, and offer it to all", async () => {
		const { edited } = await edit(saved, { [`LLM_API_KEY ${a}`]: "sk-a" });
		edited.edit([{ variable: "LLM_BASE_URL", value: list }], "typed");
		assert.equal((await edited.environment("chat")).LLM_API_KEY, undefined);
		const [status] = edited.keyStatuses;
		assert.equal(status?.text, `No key is stored for ${a} and ${b}. The key for ${a} is not sent there.`);
		assert.equal(status.reusable?.origin, a);
		assert.equal(edited.isSaved("chat"), false);
	});

	it("use the key that was given for all of them, in whatever order they are named", async () => {
		const secrets = { [`LLM_API_KEY ${a},${b}`]: "sk-both" };
		for (const value of [list, `${a}/v1,${b}/v1`, `${a}/v1\n${b}/v1/,`]) {
			const { edited } = await edit({ ...saved, LLM_BASE_URL: value }, secrets);
			assert.equal((await edited.environment("chat")).LLM_API_KEY, "sk-both");
			assert.equal((await edited.endpoints()).llm?.provider, "openai");
			assert.deepEqual(edited.input.examined.problems, {});
		}
		const { edited } = await edit({ ...saved, LLM_BASE_URL: `${list}, https://c.example/v1` }, secrets);
		assert.equal((await edited.environment("chat")).LLM_API_KEY, undefined, "a third host");
	});

	it("use the language model's key for embeddings at one of them", async () => {
		const values = { ...saved, LLM_BASE_URL: list, EMBEDDING_BASE_URL: `${b}/v1` };
		const { edited } = await edit(values, { [`LLM_API_KEY ${a},${b}`]: "sk-both" });
		const embedding = edited.keyStatuses.find(({ slot }) => slot.variable === "EMBEDDING_API_KEY");
		assert.match(embedding?.text ?? "", /The language model's key is used/);
		assert.equal((await edited.endpoints()).embedding?.apiKey, "sk-both");
	});

	it("are another configuration when a server is added", async () => {
		const { edited } = await edit({ ...saved, LLM_BASE_URL: `${a}/v1` }, {});
		assert.equal(edited.isSaved("chat"), true);
		edited.edit([{ variable: "LLM_BASE_URL", value: `${a}/v1, ${b}/v1` }], "typed");
		assert.equal(edited.isSaved("chat"), false);
		assert.deepEqual(edited.changes, [{ variable: "LLM_BASE_URL", value: `${a}/v1, ${b}/v1` }]);
	});

	it("show all of them as in effect, and the limits", async () => {
		const { edited } = await edit({ ...saved, LLM_BASE_URL: list, LLM_REQUESTS_PER_MINUTE: "60" }, {});
		const rows = effectiveRows(edited.input.examined, edited.keyStatuses);
		const shown = (name: string) => rows.find(({ variable }) => variable === name)?.value;
		assert.equal(shown("LLM_BASE_URL"), list);
		assert.equal(shown("EMBEDDING_BASE_URL"), list);
		assert.equal(shown("LLM_REQUESTS_PER_MINUTE"), "60");
	});

	it("keep headers back from a server that was added since", async () => {
		const storage = secretStorage();
		const env = (urls: string) => ({ ...saved, LLM_BASE_URL: urls, LLM_HEADERS: '{"X-Token":"t-1"}' });
		const headers = async (urls: string, ask?: () => Promise<boolean>) => {
			const rest = await withoutExposed(storage, env(urls), {}, ask);
			const { llm } = readUsableConfig(rest, {}).config;
			return llm && "headers" in llm ? llm.headers : undefined;
		};
		assert.deepEqual(await headers(`${a}/v1`), { "X-Token": "t-1" });
		assert.deepEqual(await headers(list), {});
		assert.deepEqual(await headers(list, async () => true), { "X-Token": "t-1" });
		assert.deepEqual(await headers(list), { "X-Token": "t-1" });
	});

	it("keep the key back if others could read it on the way to one of them", async () => {
		const values = { ...saved, LLM_BASE_URL: `${a}/v1, http://open.example/v1`, LLM_API_KEY: "sk-1" };
		assert.equal((await withoutExposed(secretStorage(), values, {})).LLM_API_KEY, undefined);
	});
});
