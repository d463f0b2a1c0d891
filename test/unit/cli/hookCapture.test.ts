import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
	allowCaptures,
	captureFolder,
	waitingCaptures,
} from "../../../src/memory/curating/captureRequests.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("A hook at a compaction, or at the end of a session", function () {
	this.timeout(60_000);
	const memory = temporaryFolder();
	const at = place({ MEMORY_DIR: memory, COPILOT_HOME: "/copilot" });
	const repository = join(at.folder, "api");
	before(() => {
		mkdirSync(join(repository, ".git"), { recursive: true });
		writeFileSync(join(repository, ".git", "HEAD"), "ref: refs/heads/main\n");
	});

	/** A machine that is busy may need longer than a hook waits. */
	const left = async (client: string, event: string, input: object) => {
		for (let tries = 20; tries > 0; tries -= 1) {
			const child = spawn(process.execPath, [serverFile, "hook", "--client", client, event], {
				env: at.env,
				stdio: ["pipe", "pipe", "inherit"],
			});
			let said = "";
			child.stdout.on("data", (data: Buffer) => {
				said += data.toString();
			});
			child.stdin.end(JSON.stringify({ session_id: "session-1", cwd: repository, ...input }));
			const [code] = (await once(child, "close")) as [number];
			assert.deepEqual([code, said], [0, ""]);
			const [waiting] = await waitingCaptures(memory);
			await waiting?.settle();
			if (waiting || !existsSync(captureFolder(memory))) return waiting?.request;
		}
		return undefined;
	};

	it("leaves no word of a session unless the user wants it captured", async () => {
		assert.equal(await left("claude", "PreCompact", { transcript_path: "/a.jsonl" }), undefined);
		assert.ok(!existsSync(captureFolder(memory)));
	});

	it("leaves word of it: the file, the client, the project, and whether it is lost otherwise", async () => {
		await allowCaptures(memory);
		const request = await left("claude", "PreCompact", { transcript_path: "/a.jsonl" });
		assert.deepEqual(request, {
			transcript: "/a.jsonl",
			client: "claude",
			project: { id: repository, name: "api" },
			conversationId: "session-1",
			isLast: true,
		});
		assert.equal((await left("claude", "SessionEnd", { transcript_path: "/a.jsonl" }))?.isLast, true);
		assert.equal((await left("copilot", "Stop", {}))?.isLast, false);
	});

	it("knows where Copilot's runtime keeps a session, which does not say it", async () => {
		const { transcript } = (await left("copilot", "Stop", {})) ?? {};
		assert.equal(transcript, join("/copilot", "session-state", "session-1", "events.jsonl"));
	});
});

describe("Word that hooks have left of sessions", () => {
	it("is read once for each session, oldest first, whatever else is in the folder", async () => {
		const memory = temporaryFolder();
		await allowCaptures(memory);
		writeFileSync(join(captureFolder(memory), "notes.txt"), "mine");
		writeFileSync(join(captureFolder(memory), `${"x".repeat(43)}.json`), "{cut o");
		assert.deepEqual(await waitingCaptures(memory), []);
		assert.ok(existsSync(join(captureFolder(memory), "notes.txt")));
	});
});
