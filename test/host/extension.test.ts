import assert from "node:assert/strict";
import * as vscode from "vscode";

export const extensionId = "mcp-mem0.mcp-mem0";

export function define(): void {
	describe("The extension in VS Code", () => {
		it("is activated when VS Code has started, without being asked", async () => {
			const extension = vscode.extensions.getExtension(extensionId);
			assert.ok(extension);
			for (let i = 0; i < 100 && !extension.isActive; i += 1)
				await new Promise((resolve) => setTimeout(resolve, 100));
			assert.ok(extension.isActive);
		});

		it("has registered every command it contributes", async () => {
			const extension = vscode.extensions.getExtension(extensionId);
			const contributed: { command: string }[] = extension?.packageJSON.contributes.commands;
			const registered = await vscode.commands.getCommands(true);
			assert.deepEqual(
				contributed.map(({ command }) => command).filter((command) => !registered.includes(command)),
				[],
			);
		});
	});
}
