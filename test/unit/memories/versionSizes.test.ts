import assert from "node:assert/strict";
import { VersionSizes } from "../../../src/vscode/memories/documents/versionSizes.ts";

describe("The size of a memory's document", () => {
	it("is another for every version, because VS Code takes a file of the same size for unchanged", () => {
		const sizes = new VersionSizes();
		const of = [
			sizes.of("a", 1, 20),
			sizes.of("a", 2, 20),
			sizes.of("a", 3, 20),
			sizes.of("a", 4, 21),
			sizes.of("a", 1, 20),
		];
		assert.deepEqual(of, [20, 21, 22, 23, 20]);
		assert.equal(sizes.of("b", 9, 20), 20);
	});
});
