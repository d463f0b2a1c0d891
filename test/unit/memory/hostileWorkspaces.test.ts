import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readGitFile } from "../../../src/memory/gitFiles.ts";
import { identifyProject, maxGitFile, remoteOf } from "../../../src/memory/project.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const remote = '[remote "origin"]\n\turl = https://host/owner/repo\n';

/** Each of git's files that are read, with the content given, in a repository of its own. */
function repository(files: Readonly<Record<string, string>>): string {
	const folder = join(temporaryFolder(), "app");
	mkdirSync(join(folder, ".git"), { recursive: true });
	for (const [name, text] of Object.entries({ HEAD: "ref: refs/heads/main\n", config: remote, ...files }))
		writeFileSync(join(folder, ".git", name), text);
	return folder;
}

describe("A hostile workspace", function () {
	// What is quadratic in the size of these files takes minutes.
	this.timeout(5000);
	const large = 200_000;
	const texts: Readonly<Record<string, string>> = {
		newlines: "\n".repeat(large),
		spaces: " ".repeat(large),
		tabs: `url${"\t".repeat(large)}`,
		brackets: "[".repeat(large),
		sections: '[remote "a"]\n'.repeat(large / 13),
		quotes: `[remote "origin"]\n\turl = ${'"'.repeat(large)}`,
		colons: `[remote "origin"]\n\turl = ${":".repeat(900)}`,
		slashes: `[remote "origin"]\n\turl = ${"/".repeat(900)}`,
		pointers: `gitdir:${" ".repeat(large)}`,
		binary: "\0\ufffd\u202e".repeat(large / 3),
	};

	for (const [name, text] of Object.entries(texts))
		it(`is identified at once, whatever its files are made of: ${name}`, async () => {
			const folder = repository({ config: text, HEAD: text });
			const { id } = await identifyProject(folder, readGitFile);
			assert.ok(id.length <= 1000, `an id of ${id.length} characters`);
			const worktree = join(temporaryFolder(), "tree");
			mkdirSync(worktree);
			writeFileSync(join(worktree, ".git"), text);
			assert.deepEqual(await identifyProject(worktree, readGitFile), { id: worktree, name: "tree" });
		});

	it("is not read where a file is larger than git's ever are", async () => {
		const folder = repository({ config: remote + "#".repeat(maxGitFile) });
		assert.deepEqual(await identifyProject(folder, readGitFile), { id: folder, name: "app" });
	});

	it("has pipes and devices in the place of files, which are passed over", async function () {
		if (process.platform === "win32") this.skip();
		const folder = repository({});
		for (const name of ["config", "HEAD"]) {
			execFileSync("rm", [join(folder, ".git", name)]);
			execFileSync("mkfifo", [join(folder, ".git", name)]);
		}
		assert.deepEqual(await identifyProject(folder, readGitFile), { id: folder, name: "app" });
		const endless = join(temporaryFolder(), "endless");
		mkdirSync(endless);
		symlinkSync("/dev/zero", join(endless, ".git"));
		assert.deepEqual(await identifyProject(endless, readGitFile), { id: endless, name: "endless" });
	});

	it("does not make a machine elsewhere be asked", async () => {
		for (const share of ["\\\\evil\\share", "//evil/share", "\\/evil/share"]) {
			const asked: string[] = [];
			const files: Record<string, string> = {
				"C:\\app\\.git": `gitdir: ${share}\n`,
				"C:\\tree\\.git": "gitdir: C:/main/.git/worktrees/tree\n",
				"C:\\main\\.git\\worktrees\\tree\\commondir": `${share}\n`,
			};
			const read = async (path: string) => {
				asked.push(path);
				return files[path];
			};
			await identifyProject("C:\\app", read);
			await identifyProject("C:\\tree", read);
			assert.ok(asked.includes("C:\\tree\\.git"));
			assert.deepEqual(
				asked.filter((path) => path.includes("evil")),
				[],
			);
		}
	});

	it("gets no control or invisible characters into the name of its project", () => {
		const url = "https://host/owner/re\u202epo%0A%1B]8;;x%07\u200b";
		const id = remoteOf(`[remote "origin"]\n\turl = ${url}\n`);
		assert.equal(id, "host/owner/repo]8;;x");
	});
});
