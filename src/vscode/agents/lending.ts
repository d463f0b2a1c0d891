import * as vscode from "vscode";
import { ConfigError } from "../../config/remarks.ts";
import { errorText } from "../../memory/errorText.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import type { Deps } from "../deps.ts";
import { storedPassword } from "../settings/databasePassword.ts";
import { storedToken } from "../settings/keys.ts";
import { readSettings } from "../settings/vscodeSettings.ts";

/** Undefined while the settings are not valid: whatever opens the memory says so. */
function memoryFolder(): string | undefined {
	try {
		return readSettings().memoryDir;
	} catch (error) {
		if (error instanceof ConfigError) return undefined;
		throw error;
	}
}

/**
 * Asks models for the servers that agents start: the keys are in this window's secret storage, and stay there. And looks up
 * what agents' hooks ask. The memory opens when one of them asks.
 */
export function registerLending({ memory, log, context }: Deps): vscode.Disposable {
	let lender: Promise<{ dispose(): Promise<void> } | undefined> | undefined;
	const start = async (folder: string) => {
		const [{ lend }, { replyTo }] = await Promise.all([
			import("../../endpoints/lending/lender.ts"),
			import("../../agents/hooks/question.ts"),
		]);
		return lend(folder, {
			models: async () => (await memory.get()).models,
			password: (asked) => storedPassword(context.secrets, asked),
			token: ({ origin }) => storedToken(context.secrets, origin),
			recall: async (question) => replyTo(await memory.get(), question, readSettings()),
		});
	};
	let folder: string | undefined;
	const follow = () => {
		const memoryDir = memoryFolder();
		if (memoryDir === undefined || memoryDir === folder) return;
		folder = memoryDir;
		const before = lender;
		lender = (async () => {
			await (await before)?.dispose();
			return start(memoryDir);
		})().catch((error: unknown) => {
			log.warn(`Other programs on this memory cannot use the keys of this window: ${errorText(error)}`);
			return undefined;
		});
	};
	follow();
	return vscode.Disposable.from(
		vscode.workspace.onDidChangeConfiguration((change) => {
			if (change.affectsConfiguration(settingsPrefix)) follow();
		}),
		{ dispose: () => void lender?.then((running) => running?.dispose()) },
	);
}
