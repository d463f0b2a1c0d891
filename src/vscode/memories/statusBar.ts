import * as vscode from "vscode";
import {
	roleLine,
	type StatusBarText,
	statusBarText,
	trafficLine,
	unavailableText,
} from "../../doctor/health/statusBarText.ts";
import { errorText } from "../../memory/errorText.ts";
import type { MemoryStatus } from "../../memory/requests.ts";
import { byHost, type HostTraffic } from "../../memory/traffic.ts";
import { inSettings } from "../../settings/settingNames.ts";
import { type Markdown, markdown } from "../../text/inert.ts";
import { counted } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { createStatusBarItem, pick, type StatusBarItem, type Tooltip } from "../ui.ts";

/** ms after activation before the database is opened for the first count: the window comes first. */
const firstLook = 300;
/** ms without a further change: an import changes many memories, which are counted once. */
const settleTime = 250;
/** Days whose requests the tooltip sums up. */
const trafficDays = 7;

/** The links of the tooltip, and the items of the menu. */
const commands = [
	["mcpMem0.searchMemories", "Search Memories", "search"],
	["mcpMem0.saveMemory", "Save Memory…", "add"],
	["mcpMem0.runDiagnostics", "Run All Diagnostics", "pulse"],
	["mcpMem0.testConnection", "Test Connection", "plug"],
	["mcpMem0.setApiKey", "Set API Key…", "key"],
	["mcpMem0.reembed", "Re-embed Memories", "sync"],
	["mcpMem0.showLog", "Show Log", "output"],
] as const;

/** Shows how many memories there are and whether the endpoints work; a click opens a menu. */
export function registerStatusBar(deps: Deps): vscode.Disposable {
	const item = createStatusBarItem("mcpMem0.memories", "Mem0 memories", "mcpMem0.showMenu", {
		icon: "database",
		text: "Mem0",
		tooltip: "Mem0: memory for Copilot and agents",
	});

	let timer: NodeJS.Timeout | undefined;
	let shown: StatusBarText | undefined;
	const updateSoon = (delay = settleTime) => {
		clearTimeout(timer);
		timer = setTimeout(async () => {
			const now = await update(item, deps);
			// The log names a problem once.
			if (now.state !== shown?.state && now.problem)
				deps.log.warn(`${now.state}: ${inSettings(now.problem)}`);
			shown = now;
		}, delay);
	};
	updateSoon(firstLook);
	return vscode.Disposable.from(
		item,
		vscode.commands.registerCommand("mcpMem0.showMenu", showMenu),
		deps.memory.onDidChange(() => updateSoon()),
		deps.memory.onDidAsk(() => updateSoon()),
		deps.watch.onDidChange(() => updateSoon()),
		vscode.window.onDidChangeActiveTextEditor(() => updateSoon()),
		{ dispose: () => clearTimeout(timer) },
	);
}

async function update(item: StatusBarItem, deps: Deps): Promise<StatusBarText> {
	const { memory, currentProject, watch, log } = deps;
	let shown: StatusBarText;
	let about: string | Tooltip;
	try {
		const project = await currentProject();
		const opened = await memory.get();
		const status = await opened.status(project);
		const traffic = byHost(await opened.usage(trafficDays));
		shown = statusBarText({ status, checks: watch.checks, checking: watch.checking });
		about = tooltip(status, traffic, project?.name, shown, watch.checks);
	} catch (error) {
		const text = inSettings(errorText(error));
		log.error(text);
		shown = unavailableText(text);
		about = text;
	}
	const { state, icon, text } = shown;
	const color = { unavailable: "error", failing: "warning" }[state as string];
	item.show({
		icon,
		text,
		tooltip: about,
		label: `${inSettings(shown.label)} Show menu.`,
		background: color && `statusBarItem.${color}Background`,
	});
	return shown;
}

async function showMenu(): Promise<void> {
	const items = commands.map(([command, label, icon]) => ({ label, icon, command }));
	const chosen = await pick(
		[...items, { label: "Open Settings", icon: "gear", command: "mcpMem0.openSettings" }],
		{ title: "Mem0", placeHolder: "What would you like to do?" },
	);
	if (chosen) await vscode.commands.executeCommand(chosen.command);
}

function tooltip(
	{ counts, pending, database, llm, embedding, keptAsText, outsideSpace, remarks }: MemoryStatus,
	traffic: readonly HostTraffic[],
	project: string | undefined,
	{ state, problem }: StatusBarText,
	checks: Deps["watch"]["checks"],
): Tooltip {
	const local = !llm && embedding.origin === "";
	const lines: readonly (Markdown | "" | false | undefined)[] = [
		markdown`**Mem0** remembers ${counted(counts.all)}: ${counts.global} global${project ? `, ${counts.project} of this project` : ""}.`,
		problem && markdown`$(warning) **${state}**: ${inSettings(problem)}`,
		pending.embedding > 0 &&
			markdown`${pending.embedding} not embedded yet; searches find them by their words.`,
		pending.distillation > 0 &&
			markdown`${pending.distillation} not distilled yet; searches find their full text.`,
		keptAsText > 0 && markdown`${keptAsText} kept word for word, because no facts could be made of them.`,
		outsideSpace > 0 &&
			markdown`${outsideSpace} of an earlier embedding model; searches find them by words only. Run *Mem0: Re-embed Memories*.`,
		...remarks.map((remark) => markdown`${remark}`),
		llm && markdown`Facts by ${llm.description}: ${roleLine(llm, checks.chat)}.`,
		local
			? markdown`Embeddings by ${embedding.description}; nothing is sent anywhere.`
			: markdown`Embeddings by ${embedding.description}${embedding.origin ? `: ${roleLine(embedding, checks.embedding)}` : ""}.`,
		traffic.length > 0 && markdown`Requests in ${trafficDays} days: ${trafficLine(traffic)}.`,
		markdown`Database: ${database}`,
	];
	return {
		paragraphs: lines.filter((line): line is Markdown => Boolean(line)),
		links: commands
			.filter(([command]) => command !== "mcpMem0.reembed" || outsideSpace > 0)
			.map(([command, label]) => [command, label] as const),
	};
}
