import assert from "node:assert/strict";
import { sideRemark } from "../../../src/vscode/agents/side.ts";

describe("Where agents' files are", () => {
	const local = { remote: undefined, besideWindow: true, inBrowser: false, untrustedFolder: false };

	it("needs no word in a local window, and in a browser's", () => {
		assert.equal(sideRemark(local), "");
		assert.equal(sideRemark({ ...local, remote: "127.0.0.1:80", besideWindow: false, inBrowser: true }), "");
	});

	it("is this computer where the extension runs beside a remote window, and says what to do there", () => {
		assert.equal(
			sideRemark({ ...local, remote: "wsl" }),
			"Only agents on this computer; for those in WSL, run mcp-mem0 connect there.",
		);
	});

	it("is the remote machine where the extension runs there", () => {
		assert.match(
			sideRemark({ ...local, remote: "ssh-remote", besideWindow: false }),
			/^Only agents on the SSH host, where the extension runs\.$/,
		);
	});

	it("leaves out a folder that is not trusted", () => {
		assert.match(
			sideRemark({ ...local, remote: "wsl", untrustedFolder: true }),
			/WSL.*there\. The folder is not/,
		);
	});
});
