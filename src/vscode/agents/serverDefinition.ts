import * as vscode from "vscode";
import { launcherIn, writeLauncher } from "../../agents/launcher.ts";
import type { EndpointRole } from "../../config/endpoints.ts";
import { networkOf } from "../../config/network.ts";
import { environmentForClients } from "../../settings/env/envExport.ts";
import type { BoundKey } from "../../settings/keys/boundKeys.ts";
import { hostEnvironment, networkSection } from "../settings/hostEnvironment.ts";
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
	return {
		command: process.execPath,
		args: [launcherPath(context)],
		env: {
			// Does nothing where this is Node.js itself, on a remote machine.
			ELECTRON_RUN_AS_NODE: "1",
			...(await memoryEnvironment(context)),
			// Some harnesses name no folder, and VS Code does so only a moment after the start.
			...(folder?.uri.scheme === "file" || folder?.uri.scheme === "vscode-remote"
				? { PROJECT_DIR: folder.uri.fsPath }
				: {}),
		},
	};
}

/** The settings as variables, without secrets. */
export async function memoryEnvironment({
	secrets,
}: vscode.ExtensionContext): Promise<Record<string, string>> {
	const { LLM_HEADERS, EMBEDDING_HEADERS, ...values } = settingsEnvironment();
	const keys = await boundKeys(secrets);
	const none = keys.filter(({ key }) => key === "");
	const network = networkEnvironment();
	const asked = rolesToAsk(keys, {
		chat: LLM_HEADERS ?? network.secret,
		embedding: EMBEDDING_HEADERS ?? LLM_HEADERS ?? network.secret,
	});
	return {
		...environmentForClients(values, none, readSettings()),
		...network.values,
		...(asked ? { ASK_VSCODE: asked } : {}),
	};
}

/** VS Code's settings of the network, by their names; without those in which a password stands. */
function networkEnvironment() {
	const { "http.proxyAuthorization": authorization, ...settings } = Object.fromEntries(
		Object.entries(networkOf(hostEnvironment()).values).filter(([name]) => name.startsWith(networkSection)),
	);
	const password = settings["http.proxy"]?.includes("@") ? settings["http.proxy"] : undefined;
	if (password !== undefined) delete settings["http.proxy"];
	const values = Object.entries(settings).filter((each): each is [string, string] => each[1] !== undefined);
	return { values: Object.fromEntries(values), secret: authorization || password };
}

/** @param headers what else must not be handed on, by the role that needs it. */
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
