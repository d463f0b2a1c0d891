import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { newNodeOnPath } from "../../agents/nodePath.ts";
import { copilotHooksFile, copilotInstructions, thisMachine } from "../../agents/places.ts";

/**
 * Sets what package.json's conditions ask for. VS Code's harnesses read the files in the home folder that Connect Agents
 * writes: what the extension brings would say the same again. And the plugin's hooks need a Node.js that a shell finds.
 */
export async function tellOwnFilesInHome(): Promise<void> {
	const places = thisMachine();
	const set = (name: string, value: boolean) =>
		vscode.commands.executeCommand("setContext", `mcpMem0.${name}`, value);
	await set("instructionsInHome", existsSync(copilotInstructions(places)));
	const inHome = existsSync(copilotHooksFile(places));
	await set("hooksFromPlugin", !inHome && (await newNodeOnPath(places)) !== undefined);
}
