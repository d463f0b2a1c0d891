import * as vscode from "vscode";
import type { Deps } from "../deps.ts";
import { NewDocuments } from "./documents/newDocuments.ts";
import { registerDocuments } from "./documents/register.ts";
import { registerExport } from "./exportMemories.ts";
import { registerFindSecrets } from "./findSecrets.ts";
import { registerImport } from "./importMemories.ts";
import { registerRestoreBackup } from "./restoreBackup.ts";
import { registerSave } from "./save.ts";
import { registerSearch } from "./search.ts";
import { registerStatusBar } from "./statusBar.ts";
import { registerView } from "./view/register.ts";
import { serviceSource } from "./view/serviceSource.ts";

export function registerMemories(deps: Deps): vscode.Disposable {
	const documents = new NewDocuments(deps);
	return vscode.Disposable.from(
		registerView(deps, serviceSource(deps.memory.get, deps.currentProject), documents),
		registerDocuments(deps, documents),
		registerSearch(deps),
		registerSave(deps),
		registerStatusBar(deps),
		registerFindSecrets(deps),
		registerImport(deps),
		registerExport(deps),
		registerRestoreBackup(deps),
	);
}
