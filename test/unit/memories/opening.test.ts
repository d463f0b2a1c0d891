import assert from "node:assert/strict";
import { Opening } from "../../../src/vscode/memories/view/opening.ts";

describe("A row of the view that is opened", () => {
	it("is only shown by a click, and by another click later", () => {
		const opening = new Opening();
		assert.equal(opening.goesThere("one", 0), false);
		assert.equal(opening.goesThere("one", 2000), false);
		assert.equal(opening.goesThere("two", 2100), false);
	});

	it("takes the focus by a double click", () => {
		const opening = new Opening();
		assert.equal(opening.goesThere("one", 0), false);
		assert.equal(opening.goesThere("one", 200), true);
	});

	it("takes the focus by Enter, which is about one row and soon over", () => {
		const opening = new Opening();
		opening.enter(0);
		assert.equal(opening.goesThere("one", 20), true);
		assert.equal(opening.goesThere("two", 40), false);
		opening.enter(1000);
		assert.equal(opening.goesThere("three", 5000), false, "Enter on a group opens nothing");
	});
});
