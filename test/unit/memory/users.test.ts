import assert from "node:assert/strict";
import { endpointFixture, environmentOf, settled, texts } from "../../support/fixtures/endpointFixture.ts";

const text = "Ada lives in Quxlington. Alpha is deployed with zanzibar.";

describe("Memories of several users and configurations in one database", function () {
	this.timeout(40_000);
	const memory = endpointFixture();

	/** All that a server was sent. */
	const sentTo = (server: Awaited<ReturnType<typeof memory.server>>) =>
		server.requests.map(({ body }) => JSON.stringify(body)).join("\n");

	it("are sent to their own user's endpoint only, however much another one works", async () => {
		const [ofAda, ofBob] = [await memory.server(), await memory.server()];
		assert.notEqual(ofAda.origin, ofBob.origin);
		ofAda.fault({ kind: "status", status: 503 });
		const ada = await memory.openOn(ofAda);
		await ada.save({ text });
		await ada.dispose();
		const bob = await memory.openOn(ofBob, { DEFAULT_USER_ID: "bob" });
		await bob.save({ text: "Bob likes coffee." });
		await memory.clock.pass(600_000);
		await bob.reembed();
		await settled(bob);
		assert.match(sentTo(ofBob), /Bob likes coffee/);
		assert.doesNotMatch(sentTo(ofBob), /Quxlington|zanzibar/);
		assert.deepEqual((await bob.status()).counts.all, 1);
		ofAda.mend();
		const again = await memory.openOn(ofAda);
		await memory.clock.pass(600_000);
		await settled(again);
		assert.match(sentTo(ofAda), /Quxlington/);
		assert.equal((await texts(again)).length, 2);
	});

	it("are not sent to another host than the one they were saved for, until somebody wants it", async () => {
		const [one, two] = [await memory.server(), await memory.server()];
		one.fault({ kind: "status", status: 503 });
		const first = await memory.openOn(one);
		await first.save({ text });
		await first.dispose();
		const second = await memory.openOn(two);
		await second.save({ text: "Bob likes coffee." });
		await memory.clock.pass(600_000);
		assert.doesNotMatch(sentTo(two), /Quxlington|zanzibar/);
		const { heldBack, notices, pending } = await second.status();
		assert.deepEqual(heldBack, { saves: 1, origins: [new URL(one.baseUrl).origin] });
		assert.match(notices.join(), /1 save waits to be distilled at http:.*Distill Waiting Saves/);
		assert.equal(pending.distillation, 0);
		assert.equal(await second.takeOver(), 1);
		await settled(second);
		assert.match(sentTo(two), /Quxlington/);
		assert.equal((await second.status()).heldBack.saves, 0);
		assert.ok(environmentOf(two).LLM_BASE_URL);
	});
});
