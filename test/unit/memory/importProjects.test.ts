import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectOf } from "../../../src/memory/folderProject.ts";
import { filesOf } from "../../../src/memory/transfer/files.ts";
import { readFile } from "../../../src/memory/transfer/readFile.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

/** A repository, and a home folder in which programs keep memories of it. */
function machine() {
	const root = realpathSync(temporaryFolder());
	const write = (name: string, text: string) => {
		const path = join(root, name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
		return path;
	};
	const app = join(root, "my.work", "app");
	write("my.work/app/.git/HEAD", "ref: refs/heads/main\n");
	write("my.work/app/.git/config", '[remote "origin"]\n\turl = https://example.com/team/app.git\n');
	return { root, app, write };
}

async function read(path: string) {
	const found: { text: unknown; project: string | undefined }[] = [];
	for await (const file of filesOf(path, () => undefined)) {
		const readable = await readFile(file, { project: undefined, projectOf });
		for await (const { requests } of readable?.pieces ?? [])
			for (const { text, project } of requests) found.push({ text, project: project?.id });
	}
	return found;
}

describe("Memories of other programs about a project", () => {
	const project = "example.com/team/app";

	it("stay of that project: Claude Code's, by the folder that its sessions name; of the person, they are global", async () => {
		const { root, app, write } = machine();
		const folder = `home/.claude/projects/${app.replace(/[^A-Za-z0-9]/g, "-")}`;
		write(`${folder}/memory/MEMORY.md`, "- The staging server is db2\n");
		write(
			`${folder}/memory/ada.md`,
			"---\nname: ada\ndescription: who\nmetadata:\n  type: user\n---\n\nAda writes Go.\n",
		);
		write(`${folder}/a.jsonl`, `{"type":"summary"}\n${JSON.stringify({ cwd: app, type: "user" })}\n`);
		assert.deepEqual(await read(join(root, folder, "memory")), [
			{ text: "The staging server is db2", project },
			{ text: "Ada writes Go.", project: undefined },
		]);
	});

	it("are global where no session tells which folder it was, or one names another folder", async () => {
		const { root, app, write } = machine();
		write("home/.claude/projects/-elsewhere/memory/MEMORY.md", "- The staging server is db2\n");
		write("home/.claude/projects/-elsewhere/a.jsonl", JSON.stringify({ cwd: app }));
		assert.deepEqual(await read(join(root, "home/.claude/projects/-elsewhere/memory")), [
			{ text: "The staging server is db2", project: undefined },
		]);
	});

	it("stay of that project: VS Code's, by the workspace that they lie in", async () => {
		const { root, app, write } = machine();
		const storage = "User/workspaceStorage/ab12";
		write(`${storage}/GitHub.copilot-chat/memory-tool/memories/repo/build.md`, "- make check\n");
		write(`${storage}/workspace.json`, JSON.stringify({ folder: pathToFileURL(app).href }, null, 2));
		assert.deepEqual(await read(join(root, storage)), [{ text: "make check", project }]);
		write(`${storage}/workspace.json`, '{"folder": "vscode-remote://ssh/app"}');
		assert.deepEqual(await read(join(root, storage)), [{ text: "make check", project: undefined }]);
	});

	it("do not wait for what is no file", async function () {
		if (process.platform === "win32") this.skip();
		const { root, write } = machine();
		write("home/.claude/projects/-x/memory/MEMORY.md", "- The staging server is db2\n");
		execFileSync("mkfifo", [join(root, "home/.claude/projects/-x/a.jsonl")]);
		assert.equal((await read(join(root, "home/.claude/projects/-x/memory"))).length, 1);
	});
});
