import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requestCapture } from "../../../src/memory/curating/captureRequests.ts";
import type { MemoryService } from "../../../src/memory/memoryService.ts";
import { endpointFixture, environmentOf } from "../../support/fixtures/endpointFixture.ts";
import { projectA } from "../../support/fixtures/projects.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import type { OpenAiServer } from "../../support/openaiServer/server.ts";

const never = new AbortController().signal;

/** A model that answers every text with the same facts, as a sloppy one does that has seen a file or a profile in it. */
function answering(...facts: readonly string[]) {
	return {
		chat: () => ({
			content: JSON.stringify({
				memory: facts.map((text, id) => ({ id: `${id}`, text, attributed_to: "user" })),
			}),
			finish_reason: "stop" as const,
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		}),
	};
}

interface Session {
	readonly user: string;
	readonly assistant?: string;
	/** The file that a tool read. */
	readonly file?: string;
	/** What a hook told the model. */
	readonly told?: string;
}

/** The lines that each client writes of the same session. */
const clients: Readonly<Record<string, (session: Session) => readonly unknown[]>> = {
	"Claude Code": ({ user, assistant, file, told }) => [
		{ type: "summary", summary: "A session" },
		...(told
			? [{ type: "attachment", attachment: { type: "hook_additional_context", content: [told] } }]
			: []),
		{
			type: "user",
			message: { role: "user", content: `${user}\n<system-reminder>${told ?? ""}</system-reminder>` },
		},
		...(file
			? [
					{
						type: "assistant",
						message: { content: [{ type: "tool_use", name: "Read", input: { file_path: "README.md" } }] },
					},
					{ type: "user", message: { content: [{ type: "tool_result", content: file }] } },
				]
			: []),
		{
			type: "assistant",
			message: {
				content: [
					{ type: "thinking", thinking: "The user is a wizard." },
					{ type: "text", text: assistant ?? "Done." },
				],
			},
		},
	],
	Copilot: ({ user, assistant, file, told }) => [
		{ type: "session.start", data: { sessionId: "s" } },
		{ type: "hook.start", data: { hookType: "userPromptSubmitted", input: { prompt: user } } },
		...(told ? [{ type: "hook.end", data: { output: { additionalContext: told } } }] : []),
		{
			type: "user.message",
			data: {
				content: user,
				transformedContent: `<current_datetime>now</current_datetime>\n\n${user}\n<system_reminder>\n${told ?? ""}\n</system_reminder>`,
			},
		},
		...(file
			? [
					{ type: "tool.execution_start", data: { toolName: "view", arguments: { path: "README.md" } } },
					{ type: "tool.execution_complete", data: { success: true, result: { content: file } } },
				]
			: []),
		{ type: "assistant.message", data: { content: assistant ?? "Done.", toolRequests: [] } },
	],
};

const brief = (text: string) =>
	`Long-term memory of this user (MCP Mem0), from earlier conversations. Each quoted text is remembered data.\nPreferences of the user:\n- "${text}" (3 days ago)\nThere may be more: search_memories answers a question.`;

describe("Capturing a session", function () {
	this.timeout(30_000);
	const memory = endpointFixture();

	const transcript = (lines: readonly unknown[]) => {
		const path = join(temporaryFolder(), "session.jsonl");
		writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
		return path;
	};
	const capture = async (service: MemoryService, lines: readonly unknown[], more = {}) => {
		assert.ok(service.capture);
		const request = { transcript: transcript(lines), client: "claude-code", project: projectA, isLast: true };
		const { candidates, dropped } = await service.capture.capture({ ...request, ...more }, never);
		return { texts: candidates.map(({ text }) => text).sort(), dropped };
	};
	/** All that the language model was given. */
	const asked = (server: OpenAiServer) =>
		server.requests
			.filter(({ path }) => /chat/.test(path))
			.map(({ body }) => JSON.stringify(body))
			.join("\n");

	for (const [client, linesOf] of Object.entries(clients)) {
		describe(`as ${client} writes it`, () => {
			it("proposes what the user has said, and remembers nothing", async () => {
				const said = "From now on we deploy on Fridays only, and Alice approves every release.";
				const facts = ["Releases are deployed on Fridays only.", "Alice approves every release."];
				const service = await memory.openOn(await memory.server(answering(...facts)));
				const { texts } = await capture(service, linesOf({ user: said }), { conversationId: "c 1" });
				assert.deepEqual(texts, facts.toSorted());
				assert.equal((await service.list({ scope: "all" })).total, 0);
				assert.deepEqual((await service.search({ query: "Who approves?", scope: "all" })).memories, []);
				const [one] = (await service.review.list()).candidates;
				assert.deepEqual(one?.origin, { how: "capture", client: "claude-code", folder: projectA.name });
				assert.deepEqual([one?.kind, one?.excerpt, one?.conversationId], ["capture", said, "c 1"]);
				assert.deepEqual(one?.project, projectA);
			});

			it("does not restate files that a tool has read", async () => {
				const file = "# Alpha\n\nThe API server listens on port 8080.\nRun `make test` before pushing.";
				const restated = ["The API server listens on port 8080.", "Run make test before pushing."];
				const said =
					"Read the README about the API server, its port 8080 and make test before pushing. I want pnpm here.";
				const service = await memory.openOn(
					await memory.server(answering(...restated, "The user wants pnpm here.")),
				);
				const { texts, dropped } = await capture(service, linesOf({ user: said, file }));
				assert.deepEqual(texts, ["The user wants pnpm here."]);
				assert.equal(dropped.shown, 2);
			});

			it("does not take a profile that the model invents for what was said", async () => {
				const invented = [
					"The user is a senior engineer at a large bank.",
					"The user lives in Berlin and loves hiking.",
					"The user is a wizard.",
				];
				const server = await memory.server(answering(...invented, "The user prefers tabs."));
				const service = await memory.openOn(server);
				const { texts, dropped } = await capture(
					service,
					linesOf({
						user: "Please reformat it. I prefer tabs.",
						assistant: "You seem to be a senior engineer.",
					}),
				);
				assert.deepEqual(texts, ["The user prefers tabs."]);
				// The first barrier is that of every save: facts must share words with the text.
				assert.ok(dropped["not said"] <= 3);
			});

			it("does not extract again what this memory has recalled", async () => {
				const known = "Ada's staging server is called Kestrel.";
				const server = await memory.server(
					answering(known, "The staging server of Ada has the name Kestrel."),
				);
				const service = await memory.openOn(server);
				const session = {
					user: "Deploy to Ada's staging server, Kestrel, as it is called.",
					told: brief(known),
					assistant: `As remembered:\n${brief(known)}`,
				};
				// Although the memory itself was deleted meanwhile.
				assert.deepEqual((await capture(service, linesOf(session))).texts, []);
				assert.ok(!asked(server).includes("MCP Mem0"));
			});
		});
	}

	const said = (user: string) => clients.Copilot?.({ user }) ?? [];

	it("proposes nothing that is known in other words, or waits, or was rejected", async () => {
		const fact = "The linter of alpha is Biome, not ESLint.";
		const service = await memory.openOn(await memory.server(answering(fact)));
		const user = "We lint alpha with Biome, the linter, not with ESLint.";
		await service.save({ text: "The linter of alpha is Biome, not ESLint", infer: false });
		assert.deepEqual((await capture(service, said(user))).dropped.known, 1);
		await service.deleteAll((await service.list({ scope: "all" })).memories.map(({ id }) => id));
		assert.deepEqual((await capture(service, said(user))).texts, [fact]);
		assert.deepEqual((await capture(service, said(user))).texts, []);
		const [waiting] = (await service.review.list()).candidates;
		await service.review.reject([waiting?.id]);
		assert.deepEqual((await capture(service, said(user))).texts, []);
		assert.equal(await service.review.count(), 0);
	});

	it("takes secrets out before the model sees them, and what was marked as private", async () => {
		const token = `ghp_${"A1b2C3d4E5".repeat(4).slice(0, 36)}`;
		const server = await memory.server(answering("We deploy on Fridays with the deploy token."));
		const service = await memory.openOn(server, { SECRETS: "keep" });
		const user = `We deploy on Fridays with the deploy token ${token}. <private>My cat is called Mitzi.</private>`;
		assert.equal((await capture(service, said(user))).texts.length, 1);
		const [candidate] = (await service.review.list()).candidates;
		for (const text of [asked(server), JSON.stringify(candidate)])
			assert.ok(!text.includes(token) && !text.includes("Mitzi"), text);
	});

	it("reads on where it stopped, and asks no model for little", async () => {
		const server = await memory.server(answering("We deploy on Fridays."));
		const service = await memory.openOn(server);
		const path = transcript(said("We deploy on Fridays, always, after the stand-up."));
		const run = () => service.capture?.capture({ transcript: path, isLast: true }, never);
		assert.equal((await run())?.candidates.length, 1);
		const requests = server.count("chat");
		await run();
		writeFileSync(
			path,
			said("ok")
				.map((line) => `${JSON.stringify(line)}\n`)
				.join(""),
			{ flag: "a" },
		);
		await run();
		assert.equal(server.count("chat"), requests);
		await service.capture?.capture({ transcript: transcript(said("We deploy on Fridays, always.")) }, never);
		assert.equal(server.count("chat"), requests);
	});

	it("reads only the end of a transcript of any size, with lines of any form", async () => {
		const server = await memory.server(answering("We deploy on Fridays."));
		const service = await memory.openOn(server);
		const filler = { type: "tool.execution_complete", data: { result: { content: "x".repeat(100_000) } } };
		const path = transcript([...said("The secret word is Rumpelstiltskin."), ...Array(60).fill(filler)]);
		const odd = [
			"",
			"null",
			"[1]",
			'{"type":5}',
			'{"type":"user","message":null}',
			"{cut off",
			'"text"',
		].join("\n");
		writeFileSync(
			path,
			`${odd}\n${said("We deploy on Fridays.")
				.map((line) => JSON.stringify(line))
				.join("\n")}\n{"type":"us`,
			{
				flag: "a",
			},
		);
		const captured = await service.capture?.capture({ transcript: path, isLast: true }, never);
		assert.equal(captured?.candidates.length, 1);
		assert.ok(!asked(server).includes("Rumpelstiltskin"));
		for (const bad of ["/does/not/exist", "relative.jsonl", temporaryFolder(), "\\\\host\\share\\x"])
			await assert.rejects(service.capture?.capture({ transcript: bad }, never) ?? Promise.resolve());
	});

	it("happens where hooks have left word of a session, once a model is there, and only if the user wants it", async () => {
		const server = await memory.server(answering("We deploy on Fridays."));
		const path = transcript(said("We deploy on Fridays, always, after the stand-up."));
		const leaveWord = () => requestCapture(memory.folder, async () => ({ transcript: path, isLast: true }));
		assert.equal(await leaveWord(), false);
		const off = await memory.openOn(server);
		assert.equal(await leaveWord(), false);
		await off.dispose();
		const withoutModel = await memory.open({ CAPTURE: "review" });
		assert.equal(await leaveWord(), true);
		mkdirSync(join(memory.folder, "captures"), { recursive: true });
		await withoutModel.dispose();
		const service = await memory.open({ ...environmentOf(server), CAPTURE: "review" });
		for (let left = 200; left > 0 && (await service.review.count()) === 0; left -= 1) {
			memory.clock.forward(500);
			await pause(20);
		}
		assert.equal(await service.review.count(), 1);
		await service.dispose();
	});
});
