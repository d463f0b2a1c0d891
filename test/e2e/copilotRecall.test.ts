import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { agentHome } from "../support/copilotRuntime/agentHome.ts";
import { calls, type ModelRequest } from "../support/copilotRuntime/scriptedModel.ts";
import { transcriptOf } from "../support/copilotRuntime/transcript.ts";

const preference = "The user prefers short answers in British English.";
const fact = "The staging server of alpha is called Kestrel.";
const question = "Which staging server of alpha do I deploy to?";

/** What the model of a session was told before it did anything. */
function promptOf([first]: readonly ModelRequest[]): string {
	assert.ok(first, "the model was asked");
	return first.messages.map(({ content }) => content).join("\n");
}

describe("Copilot's own runtime, connected with its hooks", function () {
	this.timeout(120_000);
	// A hook that is late on a busy machine says nothing, so that nobody waits for it.
	this.retries(4);

	it("is told what was saved in an earlier session, without its model asking", async () => {
		const agent = agentHome();
		await agent.run("connect", "copilot", "--with-hooks", "--yes");
		const saves = (text: string, scope: string) =>
			agent.session(calls("save_memory", { text, scope }), ({ ask }) => ask(`Remember: ${text}`));
		assert.doesNotMatch(promptOf(await saves(preference, "global")), /MCP Mem0/);
		await saves(fact, "project");
		const requests = await agent.session(
			() => "Kestrel.",
			({ ask }) => ask(question),
		);
		const told = promptOf(requests);
		assert.match(told, /Long-term memory of this user \(MCP Mem0\)/);
		assert.ok(told.includes(preference) && told.includes(fact), told);
		assert.equal(requests.length, 1, "the model called no tool");
		// The README shows this very session.
		const shown = transcriptOf(requests, "Kestrel.");
		assert.ok((await readFile("README.md", "utf8")).includes(`\`\`\`text\n${shown}\n\`\`\`\n`), shown);
	});

	it("is told each memory once, however often a session asks for it", async () => {
		const agent = agentHome();
		await agent.run("connect", "copilot", "--with-hooks", "--yes");
		await writeFile(join(agent.home, "memories.jsonl"), JSON.stringify({ text: fact }));
		await agent.run("import", join(agent.home, "memories.jsonl"));
		const requests = await agent.session(
			() => "I see.",
			async ({ ask }) => {
				await ask(question);
				await ask(`${question} Say it again.`);
				await ask(`Once more: ${question}`);
			},
		);
		const said = requests.at(-1)?.messages.map(({ content }) => content) ?? [];
		assert.equal(said.join("\n").split(fact).length - 1, 1, said.join("\n"));
		assert.equal(said.filter((each) => each.includes(question)).length, 3);
	});

	it("is told nothing by an empty memory, and nothing after disconnecting", async () => {
		const agent = agentHome();
		await agent.run("connect", "copilot", "--with-hooks", "--yes");
		const ask = () =>
			agent.session(
				() => "Hello.",
				(session) => session.ask(question),
			);
		assert.doesNotMatch(promptOf(await ask()), /MCP Mem0/);
		await agent.session(calls("save_memory", { text: fact }), (session) => session.ask("Remember it."));
		assert.match(promptOf(await ask()), /Kestrel/);
		await agent.run("disconnect", "copilot", "--yes");
		assert.doesNotMatch(promptOf(await ask()), /Kestrel|MCP Mem0/);
	});
});
