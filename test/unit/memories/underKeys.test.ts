import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { inTurn, rowsUnderKeys } from "../../../src/vscode/memories/view/underKeys.ts";

describe("The rows that a key is about", () => {
	/** A list as VS Code's, with rows of new objects at every look. */
	const under = async (focus: string | undefined, ...before: readonly string[]) => {
		let selected = [...before];
		const toggle = async () => {
			if (focus === undefined) return;
			selected = selected.includes(focus) ? selected.filter((id) => id !== focus) : [...selected, focus];
		};
		const rows = await rowsUnderKeys(toggle, () => selected.map((id) => ({ id })));
		assert.deepEqual(selected.toSorted(), before.toSorted(), "what was selected is selected");
		return rows?.map(({ id }) => id).sort();
	};

	it("are the one with the focus, if others are selected or none", async () => {
		assert.deepEqual(await under("a"), ["a"]);
		assert.deepEqual(await under("a", "b"), ["a"]);
		assert.deepEqual(await under("a", "b", "c"), ["a"]);
	});

	it("are all that are selected, if the one with the focus is among them", async () => {
		assert.deepEqual(await under("a", "a"), ["a"]);
		assert.deepEqual(await under("a", "b", "a", "c"), ["a", "b", "c"]);
	});

	it("are unknown while no row has the focus", async () => {
		assert.equal(await under(undefined, "b"), undefined);
	});

	it("are the same for a key that is pressed twice at once", async () => {
		let selected: readonly string[] = ["b"];
		const toggle = async () => {
			await sleep(5);
			selected = selected.includes("a") ? selected.filter((id) => id !== "a") : [...selected, "a"];
		};
		const find = inTurn(() => rowsUnderKeys(toggle, () => selected.map((id) => ({ id }))));
		const first = find();
		await sleep(2);
		assert.deepEqual(await Promise.all([first, find()]), [[{ id: "a" }], [{ id: "a" }]]);
		assert.deepEqual(selected, ["b"]);
	});
});
