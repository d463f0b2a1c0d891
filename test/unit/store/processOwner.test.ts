import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { isRunning, newProcessOwner } from "../../../src/store/processOwner.ts";

describe("The owner of a claim", () => {
	it("runs while its process does, on this machine; on another it may always", () => {
		assert.ok(isRunning(newProcessOwner()));
		assert.ok(!isRunning(`${hostname()}:999999999:x`));
		assert.ok(isRunning("elsewhere:999999999:x"));
		assert.ok(isRunning("a name that is none of ours"));
	});

	it("is gone when a process that started later has its number, as after a restart of a container", () => {
		const owner = newProcessOwner();
		const [host, pid, mark = ""] = owner.split(":");
		const [start = ""] = mark.split(".");
		assert.ok(start !== "" && start !== "undefined");
		const earlier = (its: string) => `${host}:${pid}:${mark.replace(start, its)}`;
		assert.ok(isRunning(earlier(start)));
		assert.ok(!isRunning(earlier(`${start}0`)));
		// As earlier versions wrote it.
		assert.ok(!isRunning(`${host}:${pid}:0b2b1ff0-5c0b-4b8e-9a39-111111111111`));
	});

	it("is told from other processes by their start, where the system shows it", async function () {
		if (process.platform !== "linux") this.skip();
		const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
		await once(other, "spawn");
		const mark = newProcessOwner().split(":")[2];
		assert.ok(!isRunning(`${hostname()}:${other.pid}:${mark}`));
		assert.ok(isRunning(`${hostname()}:${other.pid}:0b2b1ff0-5c0b-4b8e-9a39-111111111111`));
		other.kill();
	});
});
