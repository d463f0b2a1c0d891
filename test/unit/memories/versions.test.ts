import assert from "node:assert/strict";
import { versionsOf } from "../../../src/vscode/memories/documents/versions.ts";

describe("The versions of a memory", () => {
	it("are the texts it has had, each once while it lasted", () => {
		const versions = versionsOf([
			{ event: "ADD", newText: "one", at: 1 },
			{ event: "UPDATE", oldText: "one", newText: "two", at: 2 },
			{ event: "UPDATE", oldFields: { pinned: false }, newFields: { pinned: true }, at: 3 },
			{ event: "DELETE", oldText: "two", at: 4 },
			{ event: "RESTORE", newText: "two", at: 5 },
			{ event: "UPDATE", oldText: "two", newText: "one", at: 6 },
		]);
		assert.deepEqual(
			versions.map(({ number, text, at }) => [number, text, at]),
			[
				[1, "one", 1],
				[2, "two", 2],
				[3, "one", 6],
			],
		);
	});
});
