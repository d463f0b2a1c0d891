import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import { identifyProject, normalisedRemote, remoteOf } from "../../../src/memory/project.ts";

/** Reads from a table of files instead of a disk, on which worktrees and Windows could not be had. */
function disk(files: Readonly<Record<string, string>>, { normalize } = posix) {
	return async (path: string) => files[normalize(path)];
}

function repository(folder: string, remotes: Readonly<Record<string, string>> = {}) {
	const sections = Object.entries(remotes).map(
		([name, url]) =>
			`[remote "${name}"]\n\turl = ${url}\n\tfetch = +refs/heads/*:refs/remotes/${name}/*\n[branch "${name}"]\n\tremote = ${name}\n`,
	);
	return {
		[`${folder}/.git/HEAD`]: "ref: refs/heads/main\n",
		[`${folder}/.git/config`]: `[core]\n\tbare = false\n${sections.join("")}`,
	};
}

describe("A git remote", () => {
	const one = "github.com/owner/repo";
	const remotes: readonly (readonly [url: string, id: string])[] = [
		["https://github.com/owner/repo", one],
		["https://github.com/owner/repo.git", one],
		["https://github.com/owner/repo.git/", one],
		["https://github.com/Owner/Repo.git", one],
		["https://GitHub.com/owner/repo", one],
		["http://github.com/owner/repo", one],
		["https://github.com:443/owner/repo", one],
		["http://github.com:80/owner/repo", one],
		["https://user@github.com/owner/repo", one],
		["https://user:token@github.com/owner/repo", one],
		["https://user:to%40ken@github.com/owner/repo", one],
		["https://github.com/owner/repo.git?token=token", one],
		["git@github.com:owner/repo.git", one],
		["git@github.com:/owner/repo.git", one],
		["github.com:owner/repo", one],
		["user:token@github.com:owner/repo.git", one],
		["ssh://git@github.com/owner/repo.git", one],
		["ssh://git@github.com:22/owner/repo.git", one],
		["git+ssh://git@github.com/owner/repo", one],
		["git://github.com/owner/repo.git", one],
		["git://github.com:9418/owner/repo.git", one],
		["https://github.com/owner//repo", one],
		["https://host:8443/owner/repo", "host:8443/owner/repo"],
		["ssh://git@host:2222/owner/repo.git", "host:2222/owner/repo"],
		["https://dev.azure.com/org/my%20project/_git/repo", "dev.azure.com/org/my project/_git/repo"],
		["https://gitlab.com/group/subgroup/repo.git", "gitlab.com/group/subgroup/repo"],
		["/srv/git/repo.git", "/srv/git/repo"],
		["file:///srv/git/repo.git", "/srv/git/repo"],
	];
	for (const [url, id] of remotes) {
		it(`${url} is ${id}`, () => assert.equal(normalisedRemote(url), id));
	}

	const secret = "s3cr3t";
	for (const url of [
		`https://user:${secret}@host/owner/repo`,
		`oauth2:${secret}@host.example/owner/repo`,
		`user:${secret}@host:owner/repo`,
		`https:/user:${secret}@host/owner/repo`,
		`https::user:${secret}@host/owner/repo`,
		`//user:${secret}@host/owner/repo`,
		`https://host:99999/owner/repo?private_token=${secret}`,
		`https://host/100%/repo#${secret}`,
		`https://${secret}@host/owner/repo`,
		`https://user:${secret}@host/owner/100%`,
		`https://user:${secret} x@host/owner/repo`,
		`https://user:${secret}%ZZ@host/owner/repo`,
		`https://us@er:${secret}@host/owner/repo`,
		`https://user:${secret}@host:port/owner/repo`,
		`ssh://user:${secret}@host:2222/owner/repo`,
		`user:${secret}@host:owner/repo`,
		`https://host/owner/repo?access_token=${secret}`,
	]) {
		it(`never shows a secret in its id: ${url}`, () => {
			assert.ok(!normalisedRemote(url).includes(secret), normalisedRemote(url));
		});
	}

	it("tells repositories on two Windows drives apart", () => {
		assert.notEqual(normalisedRemote("C:\\git\\repo"), normalisedRemote("D:\\git\\repo"));
	});
});

describe("A git configuration", () => {
	const config = (...lines: string[]) => lines.join("\n");

	it("gives the URL of origin, wherever it stands", () => {
		const upstream = config('[remote "upstream"]', "\turl = git@host:up/stream.git");
		const origin = config('[remote "origin"]', "\tfetch = +refs/*:refs/*", "\turl = https://host/o/r");
		assert.equal(remoteOf(`${upstream}\n${origin}`), "host/o/r");
		assert.equal(remoteOf(`${origin}\n${upstream}`), "host/o/r");
	});

	it("gives the first remote where there is no origin", () => {
		const text = config('[remote "a"]', "\turl = https://host/a", '[remote "b"]', "\turl = https://host/b");
		assert.equal(remoteOf(text), "host/a");
	});

	it("gives nothing where there is no remote, or none with a URL", () => {
		assert.equal(remoteOf(config("[core]", "\tbare = false", "\turl = https://host/x")), undefined);
		assert.equal(remoteOf(config('[remote "origin"]', "\tfetch = +refs/*:refs/*", "[core]")), undefined);
		assert.equal(remoteOf(""), undefined);
	});

	it("may have Windows line ends, quotes and a push URL", () => {
		const text = ['[remote "origin"]', "\tpushurl = https://host/push", '\turl = "https://host/o/r"', ""];
		assert.equal(remoteOf(text.join("\r\n")), "host/o/r");
	});

	it("tells repositories on hosts without a name apart", () => {
		const of = (url: string) => remoteOf(config('[remote "origin"]', `\turl = ${url}`));
		assert.notEqual(of("ssh://git@[::1]/o/one"), of("ssh://git@[::1]/o/two"));
	});
});

describe("The project of a folder", () => {
	const remote = "git@github.com:Owner/Repo.git";
	const project = { id: "github.com/owner/repo", name: "repo" };

	it("is its git remote", async () => {
		const read = disk(repository("/home/ada/app", { upstream: "https://host/x", origin: remote }));
		assert.deepEqual(await identifyProject("/home/ada/app", read), project);
	});

	it("is that of the repository it lies in", async () => {
		const read = disk(repository("/home/ada/app", { origin: remote }));
		assert.deepEqual(await identifyProject("/home/ada/app/src/deep", read), project);
	});

	it("is that of the innermost repository", async () => {
		const read = disk({
			...repository("/work", { origin: "https://host/outer" }),
			...repository("/home/ada/app", { origin: remote }),
		});
		assert.deepEqual(await identifyProject("/home/ada/app/src", read), project);
	});

	it("is the same in a worktree", async () => {
		const read = disk({
			...repository("/home/ada/app", { origin: remote }),
			"/home/ada/tree/.git": "gitdir: /home/ada/app/.git/worktrees/tree\n",
			"/home/ada/app/.git/worktrees/tree/HEAD": "ref: refs/heads/other\n",
			"/home/ada/app/.git/worktrees/tree/commondir": "../..\n",
		});
		assert.deepEqual(await identifyProject("/home/ada/tree/src", read), project);
	});

	it("is a submodule's own remote", async () => {
		const read = disk({
			...repository("/home/ada/app", { origin: "https://host/outer" }),
			"/home/ada/app/lib/.git": "gitdir: ../.git/modules/lib\n",
			"/home/ada/app/.git/modules/lib/HEAD": "ref: refs/heads/main\n",
			"/home/ada/app/.git/modules/lib/config": `[remote "origin"]\n\turl = ${remote}\n`,
		});
		assert.deepEqual(await identifyProject("/home/ada/app/lib", read), project);
	});

	it("is the repository's folder where there is no remote", async () => {
		const read = disk(repository("/home/ada/app"));
		assert.deepEqual(await identifyProject("/home/ada/app/src", read), { id: "/home/ada/app", name: "app" });
	});

	it("is the folder itself where there is no repository", async () => {
		assert.deepEqual(await identifyProject("/home/ada/notes", disk({})), {
			id: "/home/ada/notes",
			name: "notes",
		});
		assert.deepEqual(await identifyProject("/", disk({})), { id: "/", name: "/" });
	});

	it("is the same with and without a slash at the end", async () => {
		const read = disk(repository("/home/ada/app"));
		for (const folder of ["/home/ada/app", "/home/ada/notes"])
			assert.deepEqual(await identifyProject(`${folder}/`, read), await identifyProject(folder, read));
	});

	it("is one on Windows, however the folder is written", async () => {
		const written = ["C:\\Work\\App", "c:\\Work\\App", "C:/Work/App", "/c:/Work/App", "/C:/Work/App"];
		const projects = await Promise.all(written.map((folder) => identifyProject(folder, disk({}))));
		for (const found of projects) assert.deepEqual(found, { id: "c:/Work/App", name: "App" });
	});

	it("is its git remote on Windows, worktrees included", async () => {
		const read = disk(
			{
				"C:\\app\\.git\\HEAD": "ref: refs/heads/main\n",
				"C:\\app\\.git\\config": `[remote "origin"]\r\n\turl = ${remote}\r\n`,
				"C:\\tree\\.git": "gitdir: C:/app/.git/worktrees/tree\n",
				"C:\\app\\.git\\worktrees\\tree\\commondir": "../..\n",
			},
			win32,
		);
		assert.deepEqual(await identifyProject("C:\\app\\src", read), project);
		assert.deepEqual(await identifyProject("C:\\tree", read), project);
	});
});
