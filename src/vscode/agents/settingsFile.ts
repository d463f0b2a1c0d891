import { join } from "node:path";
import type * as vscode from "vscode";
import { readConfigFile, writeConfigFile } from "../../agents/configFile.ts";
import { launcherFolder } from "../../agents/launcher.ts";
import { envLine } from "../../config/dotenv.ts";
import { memoryEnvironment } from "./serverDefinition.ts";

/**
 * The settings of VS Code for what other programs start. Their entries name this file, and stay as they are when a setting
 * changes. It holds no secret.
 */
export const settingsFile: string = join(launcherFolder, "vscode.env");

/** Writes the file, if it does not say already what the settings say. */
export async function writeSettingsFile(context: vscode.ExtensionContext): Promise<void> {
	const lines = Object.entries(await memoryEnvironment(context)).map(
		([name, value]) => envLine(name, value) ?? `# ${name} has a value that this file cannot express.`,
	);
	const text = `# MCP Mem0 writes this file: the settings of VS Code, for the servers that other programs start.\n${lines.join("\n")}\n`;
	const present = await readConfigFile(settingsFile);
	if (present.text !== text) await writeConfigFile(settingsFile, { text, bom: false });
}
