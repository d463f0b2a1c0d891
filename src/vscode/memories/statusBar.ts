import * as vscode from "vscode";
import {
	roleLine,
	type StatusBarText,
	statusBarText,
	unavailableText,
} from "../../doctor/health/statusBarText.ts";
import { errorText } from "../../memory/errorText.ts";
import type { MemoryStatus } from "../../memory/requests.ts";
import { inSettings } from "../../settings/settingNames.ts";
import { counted } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";

/** ms after activation before the database is opened for the first count: the window comes first. */
const firstLook = 300;
/** Many changes at once, as in an import, are counted once. */
const settleTime = 250;

/** What the tooltip links to, and the menu offers. */
const commands = [
	["mcpMem0.searchMemories", "Search Memories", "search"],
	["mcpMem0.saveMemory", "Save Memory…", "add"],
	["mcpMem0.runDiagnostics", "Run All Diagnostics", "pulse"],
	["mcpMem0.testConnection", "Test Connection", "plug"],
	["mcpMem0.setApiKey", "Set API Key…", "key"],
	["mcpMem0.reembed", "Re-embed Memories", "sync"],
	["mcpMem0.showLog", "Show Log", "output"],
] as const;

/** How many memories there are and how the endpoints do; a click opens a menu. */
export function registerStatusBar(deps: Deps): vscode.Disposable {
	const item = vscode.window.createStatusBarItem("mcpMem0.memories", vscode.StatusBarAlignment.Right, 90);
	item.name = "Mem0 memories";
	item.text = "$(database) Mem0";
	item.tooltip = "Mem0: memory for Copilot and agents";
	item.command = "mcpMem0.showMenu";
	item.show();

	let timer: NodeJS.Timeout | undefined;
	let shown: StatusBarText | undefined;
	const updateSoon = (delay: number) => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			void update(item, deps).then((now) => {
				// The log says once what is wrong.
				if (now.state !== shown?.state && now.problem)
					deps.log.warn(`${now.state}: ${inSettings(now.problem)}`);
				shown = now;
			});
		}, delay);
	};
	updateSoon(firstLook);
	return vscode.Disposable.from(
		item,
		vscode.commands.registerCommand("mcpMem0.showMenu", () => showMenu()),
		deps.memory.onDidChange(() => updateSoon(settleTime)),
		deps.memory.onDidAsk(() => updateSoon(settleTime)),
		deps.watch.onDidChange(() => updateSoon(settleTime)),
		vscode.window.onDidChangeActiveTextEditor(() => updateSoon(settleTime)),
		{ dispose: () => clearTimeout(timer) },
	);
}

async function update(item: vscode.StatusBarItem, deps: Deps): Promise<StatusBarText> {
	const { memory, currentProject, watch, log } = deps;
	let shown: StatusBarText;
	try {
		const project = await currentProject();
		const status = await (await memory.get()).status(project);
		shown = statusBarText({ status, checks: watch.checks, checking: watch.checking });
		item.tooltip = tooltip(status, project?.name, shown, watch.checks);
	} catch (error) {
		const text = inSettings(errorText(error));
		log.error(text);
		shown = unavailableText(text);
		item.tooltip = text;
	}
	const { state, icon, text } = shown;
	const label = `${inSettings(shown.label)} Show menu.`;
	item.text = `$(${icon}) ${text}`;
	item.backgroundColor =
		state === "unavailable"
			? new vscode.ThemeColor("statusBarItem.errorBackground")
			: state === "failing"
				? new vscode.ThemeColor("statusBarItem.warningBackground")
				: undefined;
	// Set only when it is another: a screen reader would say it again.
	if (item.accessibilityInformation?.label !== label) item.accessibilityInformation = { label };
	return shown;
}

async function showMenu(): Promise<void> {
	const items = commands.map(([command, label, icon]) => ({ label: `$(${icon}) ${label}`, command }));
	const chosen = await vscode.window.showQuickPick(
		[...items, { label: "$(gear) Open Settings", command: "mcpMem0.openSettings" }],
		{ title: "Mem0", placeHolder: "What would you like to do?" },
	);
	if (chosen) await vscode.commands.executeCommand(chosen.command);
}

function tooltip(
	{ counts, pending, database, llm, embedding, keptAsText, outsideSpace }: MemoryStatus,
	project: string | undefined,
	{ state, problem }: StatusBarText,
	checks: Deps["watch"]["checks"],
): vscode.MarkdownString {
	const local = !llm && embedding.origin === "";
	const lines = [
		`**Mem0** remembers ${counted(counts.all)}: ${counts.global} global${project ? `, ${counts.project} of this project` : ""}.`,
		problem ? `$(warning) **${state}**: ${escaped(inSettings(problem))}` : undefined,
		pending.embedding > 0
			? `${pending.embedding} still to be embedded; their words can be found already.`
			: undefined,
		pending.distillation > 0
			? `${pending.distillation} still to be distilled; they can be found word for word already.`
			: undefined,
		keptAsText > 0 ? `${keptAsText} kept word for word, as no facts could be made of them.` : undefined,
		outsideSpace > 0
			? `${outsideSpace} of an earlier embedding model, found by words only until *Mem0: Re-embed Memories*.`
			: undefined,
		llm ? `Facts by ${escaped(llm.description)}: ${roleLine(llm, checks.chat)}.` : undefined,
		local
			? `Embeddings by ${embedding.description}; nothing is sent anywhere.`
			: `Embeddings by ${escaped(embedding.description)}${embedding.origin ? `: ${roleLine(embedding, checks.embedding)}` : ""}.`,
		`Database: \`${database}\``,
		commands
			.filter(([command]) => command !== "mcpMem0.reembed" || outsideSpace > 0)
			.map(([command, label]) => `[${label}](command:${command})`)
			.join(" · "),
	];
	const text = new vscode.MarkdownString(lines.filter((line) => line !== undefined).join("\n\n"), true);
	text.isTrusted = { enabledCommands: commands.map(([command]) => command) };
	return text;
}

/** A server's words are shown as they are, whatever Markdown would make of them. */
function escaped(text: string): string {
	return text.replace(/[\\`*_{}[\]()#+!|<>$~-]/g, "\\$&");
}
