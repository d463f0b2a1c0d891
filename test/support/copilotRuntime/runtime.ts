import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { vscodeServerFolder } from "../vscode/vscodeWeb.ts";
import type { ScriptedModel } from "./scriptedModel.ts";

/** What of the runtime's client is used here; the package brings VS Code's own build of it. */
interface Sdk {
	readonly CopilotClient: new (options: object) => SdkClient;
	readonly RuntimeConnection: { forStdio(options: { readonly path: string }): unknown };
}

interface SdkClient {
	start(): Promise<void>;
	stop(): Promise<unknown>;
	createSession(options: object): Promise<SdkSession>;
}

interface SdkSession {
	sendAndWait(message: { readonly prompt: string }, ms: number): Promise<unknown>;
	disconnect(): Promise<void>;
}

/** A session of Copilot. */
export interface CopilotSession {
	/** Sends what a person writes, and waits for the end of the answer. */
	ask(prompt: string): Promise<void>;
	end(): Promise<void>;
}

export interface CopilotRuntime {
	startSession(): Promise<CopilotSession>;
	close(): Promise<void>;
}

/** ms that a turn may take. */
const patience = 60_000;

/**
 * The runtime that VS Code's Agent Host and Copilot CLI run, from the VS Code of the tests, as it finds its configuration
 * in a home folder. It needs no account, and asks nobody but the model.
 * @throws where VS Code brings none for this platform.
 */
export async function startCopilot(
	home: string,
	folder: string,
	model: ScriptedModel,
): Promise<CopilotRuntime> {
	const packages = join(await vscodeServerFolder(), "node_modules", "@github");
	const platform = `${process.platform}-${process.arch}`;
	const name = process.platform === "win32" ? "copilot-runtime.exe" : "copilot-runtime";
	const path = join(packages, `copilot-sdk-${platform}`, "prebuilds", platform, name);
	if (!existsSync(path))
		throw new Error(`VS Code's package brings no Copilot runtime for ${platform}: ${path}`);
	const entry = pathToFileURL(join(packages, "copilot-sdk", "dist", "index.js")).href;
	const { CopilotClient, RuntimeConnection } = (await import(entry)) as Sdk;
	const { PATH, SystemRoot } = process.env;
	const client = new CopilotClient({
		connection: RuntimeConnection.forStdio({ path }),
		useLoggedInUser: false,
		env: { PATH, SystemRoot, HOME: home, USERPROFILE: home, COPILOT_OFFLINE: "true" },
		workingDirectory: folder,
	});
	await client.start();
	return {
		startSession: async () => {
			const session = await client.createSession({
				model: "scripted",
				provider: { type: "openai", wireApi: "completions", baseUrl: model.baseUrl, apiKey: "none" },
				onPermissionRequest: async () => ({ kind: "approve-once" }),
				workingDirectory: folder,
				// As Agent Host starts its sessions.
				enableFileHooks: true,
				enableConfigDiscovery: true,
				enableSkills: true,
				streaming: true,
			});
			return {
				ask: async (prompt) => void (await session.sendAndWait({ prompt }, patience)),
				end: () => session.disconnect(),
			};
		},
		close: async () => void (await client.stop()),
	};
}
