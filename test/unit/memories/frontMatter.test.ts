import assert from "node:assert/strict";
import {
	type Problem,
	readDocument,
	renderDocument,
} from "../../../src/vscode/memories/documents/frontMatter.ts";
import { importWithStandIn } from "../../support/fixtures/vscodeStandIn.ts";

type SaveDocument = typeof import("../../../src/vscode/memories/documents/saveDocument.ts");

const alpha = { id: "example.com/team/alpha", name: "alpha" };
const projects = [alpha, { id: "/home/ada/twin", name: "twin" }, { id: "/home/bob/twin", name: "twin" }];

/** What is wrong, and the text that it is told of. */
function problems(document: string): readonly (readonly [Problem["kind"], string])[] {
	return readDocument(document, projects).problems.map(({ kind, from, to }) => [
		kind,
		document.slice(from, to),
	]);
}

describe("The document of a memory", () => {
	it("says scope, pin, expiry and metadata above the text, and is read as it was written", () => {
		const memory = {
			text: "# Deploy\n\n---\n\nWith make ship: never on Fridays",
			scope: "project",
			project: alpha,
			pinned: true,
			expiresAt: Date.parse("2027-01-31T23:59:59.999Z"),
			metadata: { ticket: "OPS-12", tags: ["deploy", "yes"], nested: { on: "no", n: 1.5 } },
			supersededBy: "00000000-0000-4000-8000-000000000000",
		} as const;
		const document = renderDocument(memory);
		assert.match(
			document,
			/^---\nscope: project\nproject: example\.com\/team\/alpha\npinned: true\nexpires: 2027-01-31\n/,
		);
		const { text, ...fields } = memory;
		assert.deepEqual(readDocument(document, projects), { text, fields, problems: [] });
	});

	it("brings back a memory that a newer one has replaced, once that line is removed", async () => {
		const { changeOf } = await importWithStandIn<SaveDocument>("vscode/memories/documents/saveDocument.ts");
		const supersededBy = "00000000-0000-4000-8000-000000000000";
		const fields = { userId: "ada", scope: "global", createdAt: 1, updatedAt: 1, supersededBy } as const;
		const memory = { id: "a", text: "Ada prefers tabs", ...fields };
		const document = renderDocument(memory);
		assert.equal(changeOf(document, memory, projects).supersededBy, supersededBy);
		const edited = document.replace(/supersededBy: .*\n/, "");
		assert.equal(changeOf(edited, memory, projects).supersededBy, null);
		assert.equal(changeOf("Ada prefers spaces", memory, projects).supersededBy, undefined);
	});

	it("of a plain memory is as short as can be", () => {
		const document = renderDocument({ text: "Ada prefers tabs", scope: "global" });
		assert.equal(document, "---\nscope: global\npinned: false\nexpires: never\n---\n\nAda prefers tabs\n");
	});

	it("says who finds it where others do, which only a word that there is changes", () => {
		const memory = { text: "x", scope: "project", project: alpha } as const;
		const document = renderDocument({ ...memory, visibility: "proposed-project" });
		assert.match(document, /^visibility: project$/m);
		assert.equal(readDocument(document, projects).fields?.visibility, "project");
		assert.equal(readDocument(renderDocument(memory), projects).fields?.visibility, undefined);
		assert.deepEqual(problems("---\nvisibility: everybody\n---\nx"), [["visibility", "everybody"]]);
	});

	it("keeps a time that is not the end of a day", () => {
		const expiresAt = Date.parse("2027-01-31T18:00:00.500Z");
		const read = readDocument(renderDocument({ text: "x", scope: "global", expiresAt }), projects);
		assert.equal(read.fields?.expiresAt, expiresAt);
	});

	it("reads Windows' ends of lines, and a byte order mark", () => {
		const document = "\ufeff---\r\nscope: global\r\npinned: true\r\n---\r\n\r\nOne\r\nTwo\r\n";
		const { text, fields } = readDocument(document, projects);
		assert.equal(text, "One\r\nTwo");
		assert.equal(fields?.pinned, true);
	});

	it("without front matter leaves the fields as they are", () => {
		assert.deepEqual(readDocument("Just a text\n", projects), {
			text: "Just a text",
			fields: undefined,
			problems: [],
		});
	});

	it("takes a project by its id, or by a name that only one has", () => {
		assert.deepEqual(readDocument("---\nproject: alpha\n---\nx", projects).fields?.project, alpha);
		assert.deepEqual(problems("---\nproject: twin\n---\nx"), [["project", "twin"]]);
	});

	it("tells what is wrong at its place", () => {
		assert.deepEqual(problems("---\nscope: everywhere\n---\nx"), [["scope", "everywhere"]]);
		assert.deepEqual(problems("---\nscope: project\n---\nx"), [["noProject", "scope: project"]]);
		assert.deepEqual(problems("---\nscope: global\nproject: alpha\n---\nx"), [["globalProject", "alpha"]]);
		assert.deepEqual(problems("---\npinned: perhaps\n---\nx"), [["pinned", "perhaps"]]);
		assert.deepEqual(problems("---\nexpires: 2027-02-30\n---\nx"), [["expires", "2027-02-30"]]);
		assert.deepEqual(problems("---\nexpires: 5\n---\nx"), [["expires", "5"]]);
		assert.deepEqual(problems("---\nmetadata: [1, 2]\n---\nx"), [["metadata", "[1, 2]"]]);
		assert.deepEqual(problems("---\nsupersededBy: 5\n---\nx"), [["supersededBy", "5"]]);
		assert.deepEqual(problems("---\npinnd: true\n---\nx"), [["unknownKey", "pinnd"]]);
		assert.deepEqual(problems("---\nscope: global\nx"), [["unclosed", "---"]]);
		// One key press meant for the view, such as Delete, would else make a text of it all.
		assert.deepEqual(problems("--\nscope: global\npinned: false\n---\n\nx\n"), [["unopened", "--"]]);
		assert.deepEqual(problems("scope: project\nproject: alpha\n---\nx"), [["unopened", "scope: project"]]);
		assert.deepEqual(problems("scope: global is a setting\n---\nx"), []);
		assert.equal(problems("---\nscope: [global\n---\nx")[0]?.[0], "syntax");
		assert.equal(problems("---\nscope: global\nscope: global\n---\nx")[0]?.[0], "syntax");
		assert.equal(problems("---\n- a list\n---\nx")[0]?.[0], "syntax");
		assert.equal(problems("---\njust words\n---\nx")[0]?.[0], "syntax");
	});

	it("survives whatever is in it", () => {
		for (const document of [
			"---\n? [a]\n: b\n---\n",
			"---\n*a\n---\n",
			"---\n&a [*a]\n---\n",
			"---\n1: 2\n---\n",
			"---\n---\n",
			"---\n__proto__: 1\n---\n",
			"---\n!!js/function x\n---\n",
		])
			assert.doesNotThrow(() => readDocument(document, projects), document);
	});
});
