import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { copilotInstructions, thisMachine } from "../../agents/places.ts";

/** VS Code's harnesses read the files in the home folder, too: what the extension brings would say the same again. */
export function tellInstructionsInHome(): void {
	const there = existsSync(copilotInstructions(thisMachine()));
	void vscode.commands.executeCommand("setContext", "mcpMem0.instructionsInHome", there);
}
