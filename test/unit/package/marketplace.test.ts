import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

describe("The page in the Marketplace", () => {
	const page = readFileSync("dist/details.md", "utf8");

	it("stands by itself: no picture or link that leads to a file which is not there", () => {
		const links = [...page.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, link = ""]) => link);
		assert.ok(links.length > 0);
		assert.deepEqual(
			links.filter((link) => !/^(?:https:\/\/|#)/.test(link)),
			[],
		);
		assert.doesNotMatch(page, /!\[|<img/);
	});

	it("has every heading that it links to", () => {
		const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
			title
				.toLowerCase()
				.replace(/[^\p{L}\p{N} _-]/gu, "")
				.replaceAll(" ", "-"),
		);
		for (const [, anchor = ""] of page.matchAll(/\]\(#([^)]+)\)/g))
			assert.ok(headings.includes(anchor), anchor);
	});
});
