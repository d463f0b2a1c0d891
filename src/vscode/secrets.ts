import * as vscode from "vscode";
import { originOf } from "../config/endpoints.ts";
import { settingsPrefix } from "../config/settingNames.ts";
import { attempt } from "./attempt.ts";
import type { Deps } from "./deps.ts";
import { readSettings } from "./settings.ts";

/** Variables that hold API keys. Each is kept for the origin it was entered for, so that another host never gets it. */
const keyVariables = ["LLM_API_KEY", "EMBEDDING_API_KEY"] as const;
type KeyVariable = (typeof keyVariables)[number];

function secretName(variable: KeyVariable, origin: string): string {
	return `${variable} ${origin}`;
}

/** The keys that were entered for the endpoints that the settings name. */
export async function storedKeys(
	secrets: vscode.SecretStorage,
): Promise<Partial<Record<KeyVariable, string>>> {
	const found = await Promise.all(
		configuredOrigins().map(async ({ variable, origin }) => {
			const key = await secrets.get(secretName(variable, origin));
			return key === undefined ? [] : [[variable, key] as const];
		}),
	);
	return Object.fromEntries(found.flat());
}

function configuredOrigins(): { variable: KeyVariable; origin: string; role: string }[] {
	const { llm, embedding } = readSettings({});
	return [
		...(llm && llm.provider !== "vscode"
			? [{ variable: "LLM_API_KEY" as const, origin: originOf(llm.baseUrl), role: "Language model" }]
			: []),
		...(embedding
			? [{ variable: "EMBEDDING_API_KEY" as const, origin: originOf(embedding.baseUrl), role: "Embeddings" }]
			: []),
	];
}

/** `Mem0: Set API Key…`: keys are kept in VS Code's secret storage and nowhere else. */
export function registerSetApiKey(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.setApiKey", () => attempt(deps, () => setApiKey(deps)));
}

async function setApiKey({ context: { secrets } }: Deps): Promise<void> {
	const origins = configuredOrigins();
	if (origins.length === 0) {
		const chosen = await vscode.window.showInformationMessage(
			"No endpoint is configured that could need a key. Set the provider and base URL first.",
			"Open Settings",
		);
		if (chosen)
			await vscode.commands.executeCommand("workbench.action.openSettings", `${settingsPrefix}.llm`);
		return;
	}
	const items = await Promise.all(
		origins.map(async ({ variable, origin, role }) => ({
			label: role,
			description: origin,
			detail: (await secrets.get(secretName(variable, origin)))
				? "A key is stored"
				: variable === "EMBEDDING_API_KEY"
					? origins.some((other) => other.variable === "LLM_API_KEY" && other.origin === origin)
						? "No key is stored; that of the language model is used"
						: "No key is stored; that of the language model is not sent to another host"
					: "No key is stored",
			variable,
			origin,
		})),
	);
	const chosen = await vscode.window.showQuickPick(items, {
		title: "Set API key",
		placeHolder: "Whose key?",
	});
	if (!chosen) return;
	const { label, variable, origin } = chosen;
	const stored = await enterKey(secrets, variable, origin);
	if (stored === undefined) return;
	void vscode.window.showInformationMessage(
		`${label}: the key for ${origin} is ${stored ? "stored" : "removed"}.`,
	);
}

/** Asks for the key of a host, and stores it. @returns whether there is one then; undefined: nothing was entered. */
export async function enterKey(
	secrets: vscode.SecretStorage,
	variable: KeyVariable,
	origin: string,
): Promise<boolean | undefined> {
	const key = await vscode.window.showInputBox({
		title: `API key for ${origin}`,
		prompt: "Kept in VS Code's secret storage, and sent to this host only. Leave it empty to remove the key.",
		password: true,
		ignoreFocusOut: true,
		validateInput: (text) =>
			text === "" || /^[\x21-\x7e]+$/.test(text.trim())
				? undefined
				: "A key has printable ASCII characters and no spaces.",
	});
	if (key === undefined) return undefined;
	const name = secretName(variable, origin);
	if (key.trim() === "") await secrets.delete(name);
	else await secrets.store(name, key.trim());
	return key.trim() !== "";
}
