import * as vscode from "vscode";
import type { Deps } from "../deps.ts";
import { registerFindSecrets } from "./findSecrets.ts";
import { registerSave } from "./save.ts";
import { registerSearch } from "./search.ts";
import { registerStatusBar } from "./statusBar.ts";

export function registerMemories(deps: Deps): vscode.Disposable {
	return vscode.Disposable.from(
		registerSearch(deps),
		registerSave(deps),
		registerStatusBar(deps),
		registerFindSecrets(deps),
	);
}
