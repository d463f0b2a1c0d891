import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { apply } from "../../../src/agents/change.ts";
import type { Places, ServerEntry } from "../../../src/agents/client.ts";
import { clients } from "../../../src/agents/clients/index.ts";
import { ConfigFileError } from "../../../src/agents/configFile.ts";
import { folderFileNames } from "../../../src/agents/instructions/folderFileNames.ts";
import { withBlock, withoutBlock } from "../../../src/agents/instructions/managedBlock.ts";
import { readAgentTexts, skillName } from "../../../src/agents/instructions/texts.ts";
import { connectSteps, disconnectSteps, type Step } from "../../../src/agents/steps.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const entry: ServerEntry = { command: "/usr/bin/node", args: ["/data/mcp-mem0/mcp-mem0.mjs"], env: {} };
const texts = await readAgentTexts("media");

function machine(): Places {
	const home = temporaryFolder();
	return { platform: "linux", home, env: {}, cwd: join(home, "work") };
}

async function put(file: string, text: string): Promise<void> {
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, text);
}

/** Every file and folder, with what is in it. */
async function contentOf(folder: string): Promise<Record<string, string>> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const all = entries.map(async (each) => {
		const path = join(each.parentPath, each.name);
		return [path, each.isFile() ? await readFile(path, "latin1") : "folder"] as const;
	});
	return Object.fromEntries(await Promise.all(all));
}

async function carryOut(given: readonly Step[] | Promise<readonly Step[]>): Promise<string[]> {
	const problems: string[] = [];
	for (const { plan } of await given)
		try {
			await apply(await plan());
		} catch (error) {
			assert.ok(error instanceof ConfigFileError, String(error));
			problems.push(error.message);
		}
	return problems;
}

const named = (...ids: string[]) => clients.filter(({ id }) => ids.includes(id));
const readers = clients.filter((client) => client.instructions);

describe("The skill and the instructions in files of their own", () => {
	const wishes = { clients: readers, hooks: false, instructions: true, folderFiles: [] } as const;

	it("go where Copilot's sessions without the extension read them, and leave no trace", async () => {
		const places = machine();
		await put(join(places.home, ".copilot", "mcp-config.json"), "{}");
		await put(join(places.home, ".copilot", "instructions", "mine.instructions.md"), "Mine.\n");
		const before = await contentOf(places.home);
		const copilot = named("copilot");
		await carryOut(connectSteps({ ...wishes, clients: copilot }, places, { entry, texts }));
		const skill = join(places.home, ".copilot", "skills", skillName, "SKILL.md");
		assert.ok((await readFile(skill, "utf8")).startsWith(`---\nname: ${skillName}\n`));
		const instructions = join(places.home, ".copilot", "instructions", "mem0.instructions.md");
		assert.match(await readFile(instructions, "utf8"), /applyTo: '\*\*'[\s\S]+search_memories/);
		const again = await Promise.all(
			(await connectSteps({ ...wishes, clients: copilot }, places, { entry, texts })).map(({ plan }) =>
				plan(),
			),
		);
		assert.deepEqual(
			again.map(({ diff }) => diff),
			["", "", ""],
		);
		assert.deepEqual(await carryOut(disconnectSteps(copilot, places, [])), []);
		assert.deepEqual(await contentOf(places.home), before);
	});

	for (const client of readers)
		it(`of ${client.name} come and go without a trace`, async () => {
			const places = machine();
			await put(client.file(places), "");
			await mkdir(client.sign?.(places) ?? dirname(client.file(places)), { recursive: true });
			const before = await contentOf(places.home);
			await carryOut(connectSteps({ ...wishes, clients: [client] }, places, { entry, texts }));
			for (const { file } of client.instructions?.(places, texts) ?? []) assert.ok(existsSync(file), file);
			await carryOut(disconnectSteps([client], places, []));
			assert.deepEqual(await contentOf(places.home), before);
		});

	it("are not written unless they are wished for", async () => {
		const places = machine();
		await carryOut(connectSteps({ ...wishes, instructions: false }, places, { entry, texts }));
		for (const { instructions } of readers)
			for (const { file } of instructions?.(places, texts) ?? []) assert.ok(!existsSync(file), file);
	});

	it("replace those of an earlier version", async () => {
		const places = machine();
		const old = { ...texts, skill: texts.skill.replace("# Memory", "# Old words") };
		await carryOut(connectSteps({ ...wishes, clients: named("claude") }, places, { entry, texts: old }));
		await carryOut(connectSteps({ ...wishes, clients: named("claude") }, places, { entry, texts }));
		const skill = join(places.home, ".claude", "skills", skillName, "SKILL.md");
		assert.match(await readFile(skill, "utf8"), /# Memory/);
	});

	it("that somebody else wrote are left alone, and removed by nobody", async () => {
		const places = machine();
		const skill = join(places.home, ".claude", "skills", skillName, "SKILL.md");
		await put(skill, "---\nname: mem0-memory\n---\nMy own.\n");
		const steps = connectSteps({ ...wishes, clients: named("claude") }, places, { entry, texts });
		assert.match((await carryOut(steps)).join(), /SKILL\.md: not written by MCP Mem0\. It was left alone/);
		assert.deepEqual(await carryOut(disconnectSteps(named("claude"), places, [])), []);
		assert.match(await readFile(skill, "utf8"), /My own/);
	});

	it("that were edited are left alone, and said so; other line endings are no edit", async () => {
		const places = machine();
		const claude = named("claude");
		const connect = () => carryOut(connectSteps({ ...wishes, clients: claude }, places, { entry, texts }));
		await connect();
		const skill = join(places.home, ".claude", "skills", skillName, "SKILL.md");
		const own = await readFile(skill, "utf8");
		await writeFile(skill, own.replace("# Memory", "# Memory, as I like it"));
		assert.match((await connect()).join(), /edited since MCP Mem0 wrote it\. It was left alone/);
		assert.match((await carryOut(disconnectSteps(claude, places, []))).join(), /edited since/);
		await writeFile(skill, own.replaceAll("\n", "\r\n"));
		assert.deepEqual(await connect(), []);
		assert.match(await readFile(skill, "utf8"), /\r\n/, "it was left as it is");
		assert.deepEqual(await carryOut(disconnectSteps(claude, places, [])), []);
		assert.ok(!existsSync(dirname(skill)));
	});

	it("that are read-only are an error that says so", async () => {
		const places = machine();
		await carryOut(connectSteps({ ...wishes, clients: named("claude") }, places, { entry, texts }));
		const skill = join(places.home, ".claude", "skills", skillName, "SKILL.md");
		await chmod(skill, 0o444);
		for (const folder of [places.home, join(places.home, ".claude")]) await chmod(folder, 0o755);
		// Nothing is read-only to root.
		const root = process.getuid?.() === 0;
		if (root) process.seteuid?.(65_534);
		try {
			assert.match(
				(await carryOut(disconnectSteps(named("claude"), places, []))).join(),
				/read-only, or not yours/,
			);
		} finally {
			if (root) process.seteuid?.(0);
		}
		assert.ok(existsSync(skill));
	});

	it("have a head that VS Code, Copilot and Claude read: a name like the folder's, a description that is not cut", () => {
		const [, head = ""] = /^---\n([\s\S]*?)\n---\n/.exec(texts.skill) ?? [];
		assert.match(head, new RegExp(`^name: ${skillName}$`, "m"));
		const [, description = ""] = /^description: (.+)$/m.exec(head) ?? [];
		assert.ok(description.length > 100 && description.length <= 1024 && !/[<>]/.test(description));
		assert.match(texts.instructions, /^---\nname: .+\ndescription: .+\napplyTo: '\*\*'\n---\n/);
	});
});

describe("A block in a file of the folder", () => {
	const content = "First line.\nSecond line.\n";
	const real = {
		"a file of a person": "# Rules\n\n- Tabs.\n",
		"no newline at its end": "# Rules",
		CRLF: "# Rules\r\n\r\n- Tabs.\r\n",
		"CRLF and no newline at its end": "# Rules\r\n- Tabs.",
		"blank lines at its end": "# Rules\n\n\n",
		"no byte": "",
		"one newline": "\n",
		"another tool's block": "<laravel-boost-guidelines>\nx\n</laravel-boost-guidelines>\n",
		"our tags within a line": "Write <mcp-mem0> and </mcp-mem0> like that.\n",
		"a carriage return at its end": "# Rules\r",
	};

	for (const [shape, text] of Object.entries(real))
		it(`comes behind ${shape}, and gives the bytes back`, () => {
			const written = withBlock(text, content);
			assert.ok(written.startsWith(text));
			assert.match(written, /<mcp-mem0>\r?\nFirst line\.\r?\nSecond line\.\r?\n<\/mcp-mem0>/);
			assert.equal(withBlock(written, content), written, "again: nothing to do");
			assert.equal(withoutBlock(written), text);
		});

	it("gives every text back, whatever it is", () => {
		const piece = fc.constantFrom("\n", "\r\n", "\r", "a", "# b", " ", "\t", "<mcp-mem0>x");
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
				const text = pieces.join("");
				assert.equal(withoutBlock(withBlock(text, content)), text);
			}),
		);
	});

	it("is replaced between its tags, and what stands around it stays", () => {
		const text = `Before.\n\n${withBlock(undefined, "Old words.")}\nBehind, no newline`;
		const written = withBlock(text, content);
		assert.equal(written, text.replace("Old words.", content.trim()));
		assert.equal(withoutBlock(written), "Before.\n\nBehind, no newline");
	});

	for (const [what, text, line] of [
		["no end", "a\n<mcp-mem0>\nb\n", 2],
		["an end alone", "a\nb\n</mcp-mem0>\n", 3],
		["two blocks", "<mcp-mem0>\n</mcp-mem0>\nx\n<mcp-mem0>\n</mcp-mem0>\n", 4],
		["one within another", "<mcp-mem0>\n<mcp-mem0>\n</mcp-mem0>\n</mcp-mem0>\n", 2],
	] as const)
		it(`with ${what} is left alone, and the line named`, async () => {
			const places = machine();
			const file = join(places.cwd, "AGENTS.md");
			await put(file, text);
			const wishes = { clients: [], hooks: false, instructions: false, folderFiles: ["AGENTS.md"] } as const;
			const problems = await carryOut(connectSteps(wishes, places, { entry, texts }));
			assert.match(problems.join(), new RegExp(`AGENTS\\.md, line ${line}: .*not one pair\\. It was left`));
			assert.equal(await readFile(file, "utf8"), text);
		});
});

describe("The files of a folder", () => {
	const wishes = { clients: [], hooks: false, instructions: false, folderFiles: folderFileNames } as const;

	it("are made where there are none, and leave no trace", async () => {
		const places = machine();
		await mkdir(places.cwd);
		const before = await contentOf(places.home);
		assert.deepEqual(await carryOut(connectSteps(wishes, places, { entry, texts })), []);
		for (const name of folderFileNames)
			assert.match(await readFile(join(places.cwd, name), "utf8"), /search_memories/);
		assert.match(
			await readFile(join(places.cwd, ".cursor/rules/mem0.mdc"), "utf8"),
			/^---\ndescription: .+\nalwaysApply: true\n---\n/,
		);
		assert.deepEqual(await carryOut(disconnectSteps([], places, folderFileNames)), []);
		assert.deepEqual(await contentOf(places.home), before);
	});

	it("keep their byte order mark and every other byte, and get no backup beside them", async () => {
		const places = machine();
		const text = "\uFEFF# Zürich\r\n\r\n\tTabs.\r\n";
		await put(join(places.cwd, "AGENTS.md"), text);
		await carryOut(connectSteps(wishes, places, { entry, texts }));
		assert.ok((await readFile(join(places.cwd, "AGENTS.md"), "utf8")).startsWith(text));
		assert.deepEqual((await readdir(places.cwd)).sort(), [".cursor", ".github", "AGENTS.md", "CLAUDE.md"]);
		await carryOut(disconnectSteps([], places, folderFileNames));
		assert.equal(await readFile(join(places.cwd, "AGENTS.md"), "utf8"), text);
	});

	it("get one block where one is a link to another", async () => {
		const places = machine();
		await put(join(places.cwd, "AGENTS.md"), "# Rules\n");
		await symlink("AGENTS.md", join(places.cwd, "CLAUDE.md"));
		assert.deepEqual(await carryOut(connectSteps(wishes, places, { entry, texts })), []);
		const text = await readFile(join(places.cwd, "CLAUDE.md"), "utf8");
		assert.equal(text.split("<mcp-mem0>").length, 2);
		await carryOut(disconnectSteps([], places, folderFileNames));
		assert.equal(await readFile(join(places.cwd, "AGENTS.md"), "utf8"), "# Rules\n");
	});

	it("are not written through a link that leads out of the folder", async () => {
		const places = machine();
		const outside = join(places.home, ".profile");
		await put(outside, "export A=1\n");
		await put(join(places.home, "elsewhere", "x"), "x");
		await mkdir(places.cwd);
		await symlink(outside, join(places.cwd, "AGENTS.md"));
		await symlink(join(places.home, "elsewhere"), join(places.cwd, ".github"));
		const problems = await carryOut(connectSteps(wishes, places, { entry, texts }));
		assert.equal(problems.length, 2);
		for (const problem of problems) assert.match(problem, /a link to a file outside of work/);
		assert.equal(await readFile(outside, "utf8"), "export A=1\n");
		assert.deepEqual(await readdir(join(places.home, "elsewhere")), ["x"]);
	});
});
