import assert from "node:assert/strict";
import {
	type Action,
	actions,
	isDuplicateFor,
	type MemoryFacts,
	mayDo,
	type Viewer,
} from "../../../src/store/access.ts";
import { sinceShared } from "../../../src/store/changes.ts";
import type { NewMemory } from "../../../src/store/types.ts";

/** Of memories of ada: alone; as ada, as bob who names the project, as bob who does not, as an admin who does not. */
type Row = readonly [ada: string, bob: string, elsewhere: string, admin: string];

/** `f`ind, `r`ead, `p`ropose, `c`hange, `s`hare, re`v`iew, `d`elete, `e`rase; `-`: nothing. */
const all = "frpcsde";
const table: Readonly<Record<MemoryFacts["visibility"], Row>> = {
	private: [all, "-", "-", "rcde"],
	"proposed-project": [all, "-", "-", "rcsvde"],
	"proposed-team": [all, "-", "-", "rcsvde"],
	project: [all, "frp", "-", "rcsde"],
	team: [all, "frp", "frp", "frpcsde"],
};

const letters = new Map<string, Action>([
	["v", "review"],
	...(["find", "read", "propose", "change", "share", "delete", "erase"] as const).map(
		(action) => [action.charAt(0), action] as const,
	),
]);

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
				const actual = actions.filter((action) => mayDo(viewers[index] as Viewer, action, memory));
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

	it("what others say makes a save needless only where it is shared as widely", () => {
		const project = { id: "kestrel", name: "kestrel" };
		const of = (userId: string, visibility?: NewMemory["visibility"]): NewMemory => ({
			text: "We deploy on Thursdays.",
			userId,
			scope: "project",
			project,
			createdAt: 0,
			...(visibility ? { visibility } : {}),
		});
		const rows = [
			["ada", undefined, "ada", "team", true],
			["ada", "project", "bob", undefined, false],
			["ada", "project", "bob", "project", true],
			["ada", "project", "bob", "proposed-project", true],
			["ada", "project", "bob", "team", false],
			["ada", "team", "bob", "project", true],
			["ada", "proposed-team", "bob", "team", false],
			["ada", undefined, "bob", "team", false],
		] as const;
		for (const [author, known, by, wanted, expected] of rows)
			assert.equal(isDuplicateFor(of(author, known), of(by, wanted)), expected, `${known} ${wanted}`);
		const elsewhere = { ...of("bob", "project"), project: { id: "heron", name: "heron" } };
		assert.equal(isDuplicateFor(of("ada", "project"), elsewhere), false);
	});

	it("others read the history since a memory was last shared", () => {
		const history = [
			{ event: "ADD", newText: "secret plan", at: 1 },
			{
				event: "UPDATE",
				oldText: "secret plan",
				newText: "plan",
				oldFields: { visibility: "private" },
				newFields: { visibility: "team" },
				at: 2,
			},
			{ event: "UPDATE", oldText: "plan", newText: "better plan", at: 3 },
		] as const;
		assert.deepEqual(sinceShared(history), [
			{ event: "UPDATE", newText: "plan", newFields: { visibility: "team" }, at: 2 },
			history[2],
		]);
		assert.deepEqual(sinceShared(history.slice(2)), history.slice(2));
		const { oldText: _, newText: __, ...onlyShared } = history[1];
		assert.deepEqual(sinceShared([{ event: "ADD", newText: "plan", at: 1 }, onlyShared]), [
			{ event: "UPDATE", newText: "plan", newFields: { visibility: "team" }, at: 2 },
		]);
	});
});
