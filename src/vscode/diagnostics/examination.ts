import { homedir } from "node:os";
import * as vscode from "vscode";
import { thisMachine } from "../../agents/places.ts";
import { tryReadConfig } from "../../config/config.ts";
import { ConfigError } from "../../config/remarks.ts";
import type { Environment } from "../../config/variables.ts";
import type { ExamineOptions } from "../../doctor/doctor.ts";
import type { CheckResult, Findings } from "../../doctor/findings.ts";
import type { Report } from "../../doctor/report.ts";
import { withoutExposed } from "../../settings/keys/transit.ts";
import type { Deps } from "../deps.ts";
import { hostEnvironment } from "../settings/hostEnvironment.ts";
import { askToSend, storedEnvironment } from "../settings/keys.ts";
import { settingsEnvironment } from "../settings/vscodeSettings.ts";

export type ExaminationOptions = Pick<ExamineOptions, "roles" | "depth" | "signal" | "onFinding"> & {
	/** Values that are not saved yet; default: the settings and stored keys. */
	readonly env?: Environment;
};

/** VS Code's id of our server: the extension's id, then the label of the definition. */
const serverId = "mcp-mem0.mcp-mem0/Mem0";
const toolPrefix = "mcp_mem0_";

/** Runs the checks on the settings of this VS Code, or on unsaved values. */
export async function examineHere(deps: Deps, options: ExaminationOptions = {}): Promise<Report> {
	const { context, memory, watch } = deps;
	const { env: given, ...rest } = options;
	const env = await environment(deps, given);
	const { examine } = await import("../../doctor/doctor.ts");
	const report = await watch.while(async () =>
		examine({
			env,
			ambient: hostEnvironment(),
			bundles: memory.bundles,
			hostModel: await hostModel(env, context),
			mcp: (signal) => checkMcp(deps, signal),
			agents: (findings, signal) => checkAgents(deps, env, findings, signal),
			...rest,
		}),
	);
	if (given === undefined) tell(deps, report);
	return report;
}

/** Asks before a secret goes where others can read it; without an agreement, the checks do without it. */
async function environment({ context }: Deps, given: Environment | undefined): Promise<Environment> {
	const { secrets } = context;
	if (given) return withoutExposed(secrets, given, hostEnvironment(), askToSend);
	try {
		return await storedEnvironment(secrets, askToSend);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		// Settings that are not valid name no host for a key; the checks report what is wrong with them.
		return settingsEnvironment();
	}
}

async function hostModel(env: Environment, context: vscode.ExtensionContext) {
	const llm = tryReadConfig(env, hostEnvironment()).config?.llm;
	if (llm?.provider !== "vscode") return undefined;
	const { copilotChat } = await import("../copilotChat.ts");
	return copilotChat(llm, context.languageModelAccessInformation);
}

/** Starts the server like any client and lists its tools, then checks what VS Code offers to agents. */
async function checkMcp({ serverCommand, version }: Deps, signal: AbortSignal): Promise<CheckResult> {
	const { listToolsOfCommand } = await import("../../mcp/selfCheck.ts");
	const listed = await listToolsOfCommand(await serverCommand(), version, signal);
	if (listed.status !== "ok") return listed;
	const offered = () => vscode.lm.tools.filter(({ name }) => name.startsWith(toolPrefix)).length;
	if (offered() === 0)
		// Not every version has the command; what counts is whether there are tools.
		await vscode.commands
			.executeCommand("workbench.mcp.startServer", serverId, { waitForLiveTools: true })
			.then(undefined, () => undefined);
	const count = offered();
	if (count > 0) {
		const offers = vscode.l10n.t("VS Code offers {0} of them to agents.", count);
		return { ...listed, seen: `${listed.seen} ${offers}` };
	}
	return {
		status: "warning",
		seen: `${listed.seen} ${vscode.l10n.t("VS Code offers none of them to agents yet.")}`,
		cause: vscode.l10n.t(
			"VS Code starts the server when a chat first needs it, unless MCP servers are turned off.",
		),
		fixes: [{ kind: "advice", label: vscode.l10n.t("Run MCP: List Servers, choose Mem0, and start it") }],
	};
}

/** Checks the agents whose files are on the machine that the extension runs on. */
async function checkAgents(
	{ context, version }: Deps,
	env: Environment,
	findings: Findings,
	signal: AbortSignal,
): Promise<void> {
	const [{ examineAgents }, { ownOf }, { entryOfVscode }, { askServer }] = await Promise.all([
		import("../../agents/checks/registry.ts"),
		import("../../agents/checks/own.ts"),
		import("../../agents/ownEntry.ts"),
		import("../../mcp/selfCheck.ts"),
	]);
	const [folder] = vscode.workspace.workspaceFolders ?? [];
	const places = {
		...thisMachine(folder?.uri.scheme === "file" ? folder.uri.fsPath : homedir()),
		vscodeUser: vscode.Uri.joinPath(context.globalStorageUri, "..", "..").fsPath,
	};
	// In a browser, everything runs on the other machine.
	const remote = vscode.env.uiKind === vscode.UIKind.Desktop ? vscode.env.remoteName : undefined;
	const here = context.extension.extensionKind === vscode.ExtensionKind.UI;
	const entry = await entryOfVscode(places);
	const own = ownOf(tryReadConfig(env, hostEnvironment()), version, entry, places, {
		inVscode: true,
		hostSetting: (name) => vscode.workspace.getConfiguration().get(name),
		trusted: vscode.workspace.isTrusted,
		...(here ? { elsewhere: remote } : { side: remote }),
	});
	await examineAgents(places, own, askServer, findings, signal);
}

/** Tells the status bar what the checks found. */
function tell({ watch }: Deps, { findings, startedAt, duration, cancelled }: Report): void {
	if (cancelled) return;
	for (const role of ["chat", "embedding"] as const) {
		const own = findings.filter((finding) => finding.role === role);
		if (!own.some(({ status, id }) => status !== "skipped" && !id.endsWith(".provider"))) continue;
		const failed = own.find(({ status }) => status === "failed");
		const problem = failed && [failed.seen, failed.cause].filter(Boolean).join(" ");
		const answer = own.find(({ id }) => /\.(chat|vectors|path)$/.test(id))?.duration ?? 0;
		watch.tell(role, { at: startedAt + duration, problem, duration: answer });
	}
}
