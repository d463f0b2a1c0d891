import assert from "node:assert/strict";
import { type Action, actions, type MemoryFacts, mayDo } from "../../../src/store/access.ts";

/** Of memories of ada: alone; as ada, as bob who names the project, as bob who does not, as an admin who does not. */
type Row = readonly [ada: string, bob: string, elsewhere: string, admin: string];

/** `f`ind, `r`ead, `p`ropose, `c`hange, `s`hare, `d`elete, `e`rase; `-`: nothing. */
const all = "frpcsde";
const table: Readonly<Record<MemoryFacts["visibility"], Row>> = {
	private: [all, "-", "-", "rcde"],
	project: [all, "frp", "-", "rcsde"],
	team: [all, "frp", "frp", "frpcsde"],
};

const letters = new Map<string, Action>(
	(["find", "read", "propose", "change", "share", "delete", "erase"] as const).map((action) => [
		action[0] as string,
		action,
	]),
);

describe("Who may do what with a memory", () => {
	const bob = { userId: "bob", admin: false };
	const viewers = [
		{ userId: "ada", admin: false, projects: [] },
		{ ...bob, projects: ["kestrel"] },
		{ ...bob, projects: ["heron"] },
		{ userId: "root", admin: true, projects: [] },
	];

	for (const [visibility, row] of Object.entries(table) as [MemoryFacts["visibility"], Row][])
		for (const [index, may] of row.entries())
			it(`${visibility}, viewer ${JSON.stringify(viewers[index])}: ${may}`, () => {
				const memory = { author: "ada", visibility, projectId: "kestrel" };
				const expected = [...may].flatMap((letter) => letters.get(letter) ?? []);
				const actual = actions.filter((action) => mayDo(viewers[index] as never, action, memory));
				assert.deepEqual([...actual].sort(), expected.sort());
			});

	it("outside a team, everybody has only what is theirs, whatever it says of its visibility", () => {
		for (const visibility of ["private", "project", "team"] as const)
			for (const action of actions) {
				const memory = { author: "ada", visibility, projectId: "kestrel" };
				assert.equal(mayDo("ada", action, memory), true);
				assert.equal(mayDo("bob", action, memory), false);
			}
	});

	it("who names a memory by its id names its project", () => {
		const memory = { author: "ada", visibility: "project", projectId: "kestrel" } as const;
		assert.equal(mayDo({ ...bob, projects: "all" }, "read", memory), true);
		assert.equal(mayDo({ ...bob, projects: "all" }, "read", { ...memory, visibility: "private" }), false);
	});
});
