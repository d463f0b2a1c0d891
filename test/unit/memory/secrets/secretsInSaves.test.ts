import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { silentLog } from "../../../../src/config/log.ts";
import { MemoryService } from "../../../../src/memory/memoryService.ts";
import type { AskAboutSecrets, SecretPolicy } from "../../../../src/memory/secrets/secretKinds.ts";
import { randomSigns } from "../../../support/fixtures/secretSamples.ts";
import { invalid, serviceFixture } from "../../../support/fixtures/serviceFixture.ts";
import { temporaryFolder } from "../../../support/fixtures/temporaryFolder.ts";
import { openTestStore } from "../../../support/postgres/testStore.ts";

const secret = `${"ghp"}_${randomSigns(5)("word", 36)}`;
const text = `The CI token is ${secret}, ask Ada`;
const clean = "The CI token is ‹redacted: GitHub token›, ask Ada";

describe("Secrets in what is saved", () => {
	const memory = serviceFixture();
	const isInFiles = () =>
		globSync(`${memory.folder}/*`).some((file) => readFileSync(file).includes(secret.slice(4, 24)));

	async function withPolicy(policy: SecretPolicy, ask?: AskAboutSecrets) {
		const { store } = await openTestStore(temporaryFolder());
		const lent = {
			...memory.embedder,
			embed: memory.embedder.embed.bind(memory.embedder),
			space: memory.embedder.space,
		};
		const embedder = {
			...lent,
			description: "model",
			origin: "",
			calibration: undefined,
			dispose: async () => undefined,
		};
		const service = new MemoryService({
			store,
			embedder,
			userId: "ada",
			log: silentLog,
			secrets: { policy, ask },
		});
		return service;
	}

	it("are replaced before the journal, the model and the index get the text, and the answer says so", async () => {
		const saved = await memory.service.save({
			text,
			metadata: { url: `https://x.test/?t=${secret}`, n: [{ password: "Tr0ub4dor&3" }] },
		});
		assert.deepEqual(
			saved.memories.map((each) => each.text),
			[clean],
		);
		assert.match(saved.note ?? "", /GitHub token \(2 times\) and a secret was replaced/);
		const stored = await memory.service.get(saved.memories[0]?.id);
		assert.deepEqual(stored.metadata, {
			url: "https://x.test/?t=‹redacted: GitHub token›",
			n: [{ password: "‹redacted: secret›" }],
		});
		assert.equal(await memory.store.saves.savedText(stored.saveId ?? "", stored.userId), clean);
		assert.equal(isInFiles(), false);
	});

	it("are replaced in an edit, in history too", async () => {
		const [first] = (await memory.service.save({ text: "The CI token is in the vault" })).memories;
		const updated = await memory.service.update(first?.id, text);
		assert.equal(updated.text, clean);
		assert.match(updated.note ?? "", /GitHub token was replaced/);
		assert.equal(JSON.stringify(await memory.service.history(first?.id)).includes(secret), false);
		assert.equal(isInFiles(), false);
	});

	it("are replaced in an import", async () => {
		await memory.service.transfer.importAll([{ text }]);
		assert.deepEqual(
			(await memory.service.list()).memories.map((each) => each.text),
			[clean],
		);
		assert.equal(isInFiles(), false);
	});

	it("make the same memory when they are saved again", async () => {
		await memory.service.save({ text });
		assert.deepEqual(
			(await memory.service.save({ text })).memories.map(({ event }) => event),
			["DUPLICATE"],
		);
	});

	it("leave an ordinary answer without a note", async () => {
		assert.equal((await memory.service.save({ text: "We deploy on Thursdays" })).note, undefined);
	});

	it("stop the save with SECRETS=refuse", async () => {
		const service = await withPolicy("refuse");
		const refused = invalid("text", /^The text has a GitHub token in it\. Nothing was saved/);
		await assert.rejects(service.save({ text }), refused);
		await assert.rejects(service.transfer.importAll([{ text }]), refused);
		assert.equal((await service.list()).total, 0);
		await service.dispose();
	});

	it("stay with SECRETS=keep; private parts do not", async () => {
		const service = await withPolicy("keep");
		const saved = await service.save({ text: `${text}<private> and Bob</private>.` });
		assert.deepEqual(
			saved.memories.map((each) => each.text),
			[`${text}.`],
		);
		assert.equal(saved.note, "What was marked as private (<private>) is not kept.");
		await service.dispose();
	});

	it("are asked about with SECRETS=ask, by their kinds alone", async () => {
		for (const [answer, kept] of [
			["redact", clean],
			["keep", text],
			["refuse", undefined],
		] as const) {
			const asked: unknown[] = [];
			const service = await withPolicy("ask", async (kinds) => {
				asked.push(kinds);
				return answer;
			});
			const saved = await service.save({ text }).catch(() => undefined);
			assert.equal(saved?.memories[0]?.text, kept);
			assert.deepEqual(asked, [["GitHub token"]]);
			await service.dispose();
		}
	});

	it("are replaced with SECRETS=ask where nobody can be asked", async () => {
		const service = await withPolicy("ask");
		assert.equal((await service.save({ text })).memories[0]?.text, clean);
		await service.dispose();
	});

	for (const [given, kept] of [
		["a <private>b</private> c", "a  c"],
		["a <PRIVATE>b <private>c</private> d</Private> e", "a  e"],
		["a <private>the rest has no end", "a"],
		["an end </private> alone", "an end </private> alone"],
		["<private>\nline\n</private>\nOpen", "Open"],
	] as const)
		it(`keeps of ${JSON.stringify(given)} only what is not private`, async () => {
			assert.equal((await memory.service.save({ text: given })).memories[0]?.text, kept);
		});

	it("refuses a text that is private as a whole", async () => {
		const empty = invalid("text", /All of the text is marked as private/);
		await assert.rejects(memory.service.save({ text: "<private>x</private>" }), empty);
		const [first] = (await memory.service.save({ text: "The door code is with Ada" })).memories;
		await assert.rejects(memory.service.update(first?.id, " <private>x"), empty);
		assert.equal((await memory.service.list()).total, 1);
	});
});
