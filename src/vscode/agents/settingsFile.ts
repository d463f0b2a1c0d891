import type * as vscode from "vscode";
import { readConfigFile, writeConfigFile } from "../../agents/configFile.ts";
import { vscodeSettingsFile } from "../../agents/ownEntry.ts";
import { envLine } from "../../config/dotenv.ts";
import { memoryEnvironment } from "./serverDefinition.ts";

/** Writes `vscodeSettingsFile`, if it does not say already what the settings say. */
export async function writeSettingsFile(context: vscode.ExtensionContext): Promise<void> {
	const lines = Object.entries(await memoryEnvironment(context)).map(
		([name, value]) => envLine(name, value) ?? `# ${name} has a value that this file cannot express.`,
	);
	const text = `# MCP Mem0 writes this file: the settings of VS Code, for the servers that other programs start.\n${lines.join("\n")}\n`;
	const present = await readConfigFile(vscodeSettingsFile);
	if (present.text !== text) await writeConfigFile(vscodeSettingsFile, { text, bom: false });
}
