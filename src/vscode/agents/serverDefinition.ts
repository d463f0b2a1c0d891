import * as vscode from "vscode";
import { launcherIn, writeLauncher } from "../../agents/launcher.ts";
import type { EndpointRole } from "../../config/endpoints.ts";
import { environmentForClients } from "../../settings/env/envExport.ts";
import type { BoundKey } from "../../settings/keys/boundKeys.ts";
import { boundKeys } from "../settings/keys.ts";
import { readSettings, settingsEnvironment } from "../settings/vscodeSettings.ts";

export interface ServerCommand {
	readonly command: string;
	readonly args: string[];
	readonly env: Record<string, string>;
}

/** Where the launcher stands: the folder of the extension changes with each update, this one does not. */
export function launcherPath({ globalStorageUri }: vscode.ExtensionContext): string {
	return launcherIn(globalStorageUri.fsPath);
}

/** Writes the launcher for this version of the extension. */
export function installLauncher({ extensionUri, globalStorageUri }: vscode.ExtensionContext): Promise<void> {
	return writeLauncher(
		vscode.Uri.joinPath(extensionUri, "dist", "server.js").fsPath,
		globalStorageUri.fsPath,
	);
}

/**
 * How anybody starts our server on this memory, with VS Code's own Node.js. It holds no secret: models that need a key are
 * asked by a window, which has it.
 */
export async function serverCommand(context: vscode.ExtensionContext): Promise<ServerCommand> {
	await installLauncher(context);
	const [folder] = vscode.workspace.workspaceFolders ?? [];
	const { LLM_HEADERS, EMBEDDING_HEADERS, ...values } = settingsEnvironment();
	const keys = await boundKeys(context.secrets);
	const none = keys.filter(({ key }) => key === "");
	const asked = rolesToAsk(keys, { chat: LLM_HEADERS, embedding: EMBEDDING_HEADERS ?? LLM_HEADERS });
	return {
		command: process.execPath,
		args: [launcherPath(context)],
		env: {
			// Does nothing where this is Node.js itself, on a remote machine.
			ELECTRON_RUN_AS_NODE: "1",
			...environmentForClients(values, none, readSettings()),
			...(asked ? { ASK_VSCODE: asked } : {}),
			// Some harnesses name no folder, and VS Code does so only a moment after the start.
			...(folder?.uri.scheme === "file" || folder?.uri.scheme === "vscode-remote"
				? { PROJECT_DIR: folder.uri.fsPath }
				: {}),
		},
	};
}

function rolesToAsk(
	keys: readonly BoundKey[],
	headers: Readonly<Record<EndpointRole, string | undefined>>,
): string | undefined {
	const { llm, embedding } = readSettings();
	const hasKey = (variable: string) => keys.some((key) => key.variable === variable && key.key !== "");
	const own = embedding !== undefined && (hasKey("EMBEDDING_API_KEY") || hasKey("AZURE_OPENAI_API_KEY"));
	// It may have the language model's key.
	const shared = embedding !== undefined && hasKey("LLM_API_KEY");
	const asksEmbedding = own || shared || (embedding !== undefined && headers.embedding !== undefined);
	const asksChat =
		llm?.provider === "vscode" ||
		(llm !== undefined &&
			(hasKey("LLM_API_KEY") || hasKey("AZURE_OPENAI_API_KEY") || headers.chat !== undefined));
	if (asksChat && asksEmbedding) return "both";
	return asksChat ? "chat" : asksEmbedding ? "embedding" : undefined;
}
