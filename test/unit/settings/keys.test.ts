import assert from "node:assert/strict";
import { examineValues } from "../../../src/settings/examineValues.ts";
import {
	fromSecret,
	type KeySlot,
	keySlots,
	secretName,
	slotOfSecret,
	toSecret,
} from "../../../src/settings/keys/boundKeys.ts";
import { KeyRing } from "../../../src/settings/keys/keyRing.ts";
import { type KeyContext, type KnownKey, keyStatus } from "../../../src/settings/keys/keyStatus.ts";
import { plainKeys } from "../../../src/settings/keys/plainKeys.ts";
import { isReadableInTransit } from "../../../src/settings/keys/transit.ts";
import type { Values } from "../../../src/settings/values.ts";
import { secretStorage } from "../../support/fixtures/secretStorage.ts";

const here = "https://here.example";
const there = "https://there.example";
const slot: KeySlot = { variable: "LLM_API_KEY", origin: here };
const stored = (origin: string, variable: KeySlot["variable"] = "LLM_API_KEY"): KnownKey => ({
	variable,
	origin,
	kind: "key",
});
const nothing: KeyContext = {
	known: [],
	removed: [],
	llmOrigin: here,
	savedOrigin: undefined,
	ambient: false,
};

describe("A key", () => {
	it("has a slot for each role at each origin", () => {
		const slots = (values: Values) => keySlots(examineValues(values, {}).config).map(secretName);
		assert.deepEqual(slots({}), []);
		assert.deepEqual(slots({ LLM_PROVIDER: "vscode" }), []);
		assert.deepEqual(slots({ LLM_PROVIDER: "openai", LLM_CHOICE: "m", EMBEDDING_PROVIDER: "builtin" }), [
			"LLM_API_KEY https://api.openai.com",
		]);
		const base = { LLM_PROVIDER: "openai", LLM_CHOICE: "m", LLM_BASE_URL: "http://a.local:1/v1" };
		assert.deepEqual(slots(base), ["LLM_API_KEY http://a.local:1", "EMBEDDING_API_KEY http://a.local:1"]);
		// Scheme, host and port each make another place.
		for (const url of ["https://a.local:1/v1", "http://b.local:1/v1", "http://a.local:2/v1"])
			assert.notDeepEqual(slots({ ...base, LLM_BASE_URL: url }), slots(base));
		assert.deepEqual(slots({ ...base, LLM_BASE_URL: "http://a.local:1/other/v1" }), slots(base));
	});

	it("is found by its name, and no other secret is", () => {
		assert.deepEqual(slotOfSecret(secretName(slot)), slot);
		for (const name of ["", "LLM_API_KEY", "OTHER https://a", "LLM_API_KEY a b"])
			assert.equal(slotOfSecret(name), undefined);
	});

	it("that is not needed differs from one that is not known", () => {
		assert.equal(fromSecret(toSecret("")), "");
		assert.equal(fromSecret(undefined), undefined);
		assert.equal(fromSecret(toSecret("sk-1")), "sk-1");
	});

	const readable: readonly (readonly [string, boolean])[] = [
		["http://models.example", true],
		["http://8.8.8.8:8000", true],
		["https://models.example", false],
		["http://localhost:1234", false],
		["http://192.168.1.7", false],
		["http://db-server.local:8009", false],
		["http://[::1]:8000", false],
	];
	for (const [origin, can] of readable)
		it(`${can ? "can" : "cannot"} be read in transit to ${origin}`, () =>
			assert.equal(isReadableInTransit(origin), can));
});

describe("The status of a key", () => {
	const table: readonly (readonly [what: string, Partial<KeyContext>, RegExp, reuse: string | undefined])[] =
		[
			["nothing", {}, /^No key is stored for https:\/\/here\.example\.$/, undefined],
			["stored", { known: [stored(here)] }, /^A key is stored for https:\/\/here\.example\.$/, undefined],
			[
				"the host changed",
				{ known: [stored(there)], savedOrigin: there },
				/^No key is stored for https:\/\/here.* The key for https:\/\/there\.example is not sent there\.$/,
				there,
			],
			[
				"entered",
				{ known: [{ ...stored(here), unsaved: "entered" }] },
				/will be stored when you save/,
				undefined,
			],
			[
				"none needed",
				{ known: [{ ...stored(here), kind: "none" }] },
				/here\.example needs no key/,
				undefined,
			],
			[
				"removed",
				{ removed: [slot] },
				/^The key for https:\/\/here\.example will be removed when you save\.$/,
				undefined,
			],
			["the environment's", { ambient: true }, /OPENAI_API_KEY of the environment is used/, undefined],
		];
	for (const [what, context, text, reuse] of table)
		it(`${what}: “${text.source}”`, () => {
			const status = keyStatus(slot, { ...nothing, ...context });
			assert.match(status.text, text);
			assert.equal(status.reusable?.origin, reuse);
		});

	it("lets embeddings use the language model's key at the same host only", () => {
		const known = [stored(here)];
		const same = keyStatus({ variable: "EMBEDDING_API_KEY", origin: here }, { ...nothing, known });
		assert.match(same.text, /language model's key is used/);
		const other = keyStatus({ variable: "EMBEDDING_API_KEY", origin: there }, { ...nothing, known });
		assert.match(other.text, /The key for https:\/\/here\.example is not sent there/);
	});

	it("warns where it can be read in transit", () => {
		const open = { variable: "LLM_API_KEY", origin: "http://models.example" } as const;
		assert.match(
			keyStatus(open, { ...nothing, known: [stored(open.origin)] }).warning ?? "",
			/not encrypted/,
		);
		assert.equal(keyStatus(open, nothing).warning, undefined);
	});
});

describe("The key ring", () => {
	it("gives a key to the slot it was stored for, and to no other", async () => {
		const ring = new KeyRing(secretStorage({ [secretName(slot)]: "sk-here" }));
		await ring.load();
		assert.deepEqual(await ring.keysFor([slot]), { LLM_API_KEY: "sk-here" });
		assert.deepEqual(await ring.keysFor([{ ...slot, origin: there }]), {});
		assert.deepEqual(await ring.keysFor([{ ...slot, variable: "EMBEDDING_API_KEY" }]), {});
	});

	it("stores and removes keys when it is saved, and forgets changes when they are discarded", async () => {
		const place = secretStorage({ [secretName(slot)]: "sk-old" });
		const ring = new KeyRing(place);
		await ring.load();
		ring.set(slot, "sk-new");
		assert.deepEqual(await ring.keysFor([slot]), { LLM_API_KEY: "sk-new" });
		assert.equal(place.secrets.get(secretName(slot)), "sk-old");
		ring.discard();
		assert.equal(ring.unsaved, 0);
		ring.set(slot, undefined);
		ring.set({ ...slot, origin: there }, "");
		await ring.save();
		assert.deepEqual(ring.known, [{ variable: "LLM_API_KEY", origin: there, kind: "none" }]);
		assert.deepEqual([...place.secrets.keys()], [`LLM_API_KEY ${there}`]);
	});

	it("takes the keys of a file, except those it has", async () => {
		const ring = new KeyRing(secretStorage({ [secretName(slot)]: "sk-same" }));
		await ring.load();
		await ring.offer({ ...slot, key: "sk-same" });
		assert.equal(ring.unsaved, 0);
		await ring.offer({ ...slot, key: "sk-other" });
		assert.deepEqual(ring.known, [{ ...slot, kind: "key", unsaved: ".env" }]);
	});

	it("describes keys without showing them", async () => {
		const ring = new KeyRing(secretStorage({ [secretName(slot)]: "sk-secret-4711" }));
		await ring.load();
		ring.set({ ...slot, origin: there }, "sk-secret-4712");
		assert.doesNotMatch(JSON.stringify([ring.known, ring.removed]), /471/);
	});
});

describe("A key in settings.json as plain text", () => {
	const values: Values = {
		LLM_PROVIDER: "openai",
		LLM_CHOICE: "m",
		LLM_BASE_URL: "https://here.example/v1",
		LLM_HEADERS: '{"Authorization":"Bearer sk-1","X-Team":"blue"}',
	};
	const find = (given: Record<string, unknown>, more: Values = {}) => {
		const all = { ...values, ...more };
		const config = examineValues(all, { HOME: "/" }).config;
		assert.ok(config);
		return plainKeys(given, all, config);
	};

	it("is found in a header and in settings that do not exist, for the configured host", () => {
		const [setting, header] = find({ "llm.apiKey": " sk-2 " });
		assert.deepEqual(setting?.key, { ...slot, key: "sk-2" });
		assert.deepEqual(header?.key, { ...slot, key: "sk-1" });
		assert.deepEqual(header?.removal, { variable: "LLM_HEADERS", value: '{"X-Team":"blue"}' });
	});

	it("is not one if it names an environment variable", () => {
		assert.deepEqual(find({}, { LLM_HEADERS: '{"Authorization":"Bearer ${env:HOME}"}' }).length, 0);
		assert.deepEqual(find({}, { LLM_HEADERS: '{"X-Team":"blue"}' }), []);
	});
});
