import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeOwnFile } from "../../../src/vscode/settings/ownFile.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("A file with keys", () => {
	before(function () {
		if (process.platform === "win32") this.skip();
	});

	const rightsOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

	it("is readable by its owner alone", async () => {
		const file = join(temporaryFolder(), ".env");
		assert.equal(await writeOwnFile(file, "A=1\n"), true);
		assert.equal(rightsOf(file), "600");
		assert.equal(readFileSync(file, "utf8"), "A=1\n");
	});

	it("is narrowed where it existed with wider rights, and replaced whole, also behind a link", async () => {
		const folder = temporaryFolder();
		const file = join(folder, ".env");
		writeFileSync(file, "a longer text than the next\n");
		chmodSync(file, 0o664);
		symlinkSync(file, join(folder, "link"));
		assert.equal(await writeOwnFile(join(folder, "link"), "A=1\n"), true);
		assert.equal(rightsOf(file), "600");
		assert.equal(readFileSync(file, "utf8"), "A=1\n");
	});
});
