import * as vscode from "vscode";
import { settingsPrefix } from "../config/settingNames.ts";
import { type Variable, variables } from "../config/variables.ts";
import type { Fix } from "../doctor/report.ts";
import type { Deps } from "./deps.ts";
import { enterKey } from "./secrets.ts";

/** Does what a fix says. @returns whether anything is otherwise now, so that it is worth while to check again. */
export async function applyFix({ context }: Pick<Deps, "context">, fix: Fix): Promise<boolean> {
	switch (fix.kind) {
		case "set":
			for (const { variable, value } of fix.changes) await write(variable, value);
			return true;
		case "enter-key": {
			if (fix.origin === "") {
				await vscode.commands.executeCommand("mcpMem0.setApiKey");
				return true;
			}
			return (await enterKey(context.secrets, fix.variable, fix.origin)) !== undefined;
		}
		case "open-setting":
			await openSetting(fix.variable);
			return false;
		case "reembed":
			await vscode.commands.executeCommand("mcpMem0.reembed");
			return true;
		case "advice":
			return false;
	}
}

/** Writes a variable's setting for this user; undefined takes it back to its default. */
async function write(name: string, value: string | undefined): Promise<void> {
	const variable = (variables as readonly Variable[]).find((candidate) => candidate.name === name);
	if (!variable?.setting) throw new Error(`${name} has no setting.`);
	const { type } = variable;
	const typed =
		value === undefined
			? undefined
			: type === "integer" || type === "number"
				? Number(value)
				: type === "headers"
					? (JSON.parse(value) as unknown)
					: value;
	await vscode.workspace
		.getConfiguration(settingsPrefix)
		.update(variable.setting, typed, vscode.ConfigurationTarget.Global);
}

/** Keys have no setting; theirs is the box that asks for them. */
async function openSetting(name: string): Promise<void> {
	const variable = (variables as readonly Variable[]).find((candidate) => candidate.name === name);
	if (variable?.secret) await vscode.commands.executeCommand("mcpMem0.setApiKey");
	else
		await vscode.commands.executeCommand(
			"workbench.action.openSettings",
			variable?.setting ? `@id:${settingsPrefix}.${variable.setting}` : settingsPrefix,
		);
}
