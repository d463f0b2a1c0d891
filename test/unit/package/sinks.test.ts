import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { projectSinks, sinksIn } from "../../support/sinks/checkSinks.ts";

describe("Places that show texts", () => {
	it("are reached only through the files that make texts inert", async () => {
		assert.deepEqual(await projectSinks(), []);
	});

	const planted = [
		"void vscode.window.showInformationMessage(memory.text);",
		"const { showErrorMessage } = vscode.window;",
		"await window.showWarningMessage(error.message)",
		"vscode.window.showQuickPick(items)",
		"const picker = vscode.window.createQuickPick<Item>();",
		"picker.items = items;",
		"await vscode.window.showInputBox({ prompt })",
		"new vscode.MarkdownString(text)",
		"item.tooltip = text;",
		"return vscode.window.withProgress({ title }, work);",
		"vscode.window.setStatusBarMessage(text)",
		"new vscode.TreeItem(memory.text)",
		"element.innerHTML = text;",
		"process.stdout.write(memory.text);",
		"process.stderr.write(error.message)",
		"console.log(text)",
	];
	for (const line of planted)
		it(`may not be used elsewhere: ${line}`, () =>
			assert.equal(sinksIn("src/vscode/memories/other.ts", `\n${line}\n`).length, 1));

	it("are looked for in the files, so that one that is added is found", async () => {
		const folder = temporaryFolder();
		await mkdir(join(folder, "src", "cli"), { recursive: true });
		await mkdir(join(folder, "media"));
		await writeFile(join(folder, "src", "cli", "list.ts"), "\nprocess.stdout.write(memory.text);\n");
		assert.deepEqual(await projectSinks(folder), [
			"src/cli/list.ts:2: stdout.write; use src/cli/terminal.ts",
		]);
	});
});
