import * as vscode from "vscode";
import { errorText } from "../memory/errorText.ts";
import type { MemoryStatus } from "../memory/requests.ts";
import { counted } from "../memory/wording.ts";
import type { Deps } from "./deps.ts";

/** ms after activation before the database is opened for the first count: the window comes first. */
const firstLook = 300;
/** Many changes at once, as in an import, are counted once. */
const settleTime = 250;

/** The number of memories, in the status bar; a click searches them. */
export function registerStatusBar(deps: Deps): vscode.Disposable {
	const item = vscode.window.createStatusBarItem("mcpMem0.memories", vscode.StatusBarAlignment.Right, 90);
	item.name = "Mem0 memories";
	item.text = "$(database) Mem0";
	item.tooltip = "Mem0: memory for Copilot and agents";
	item.command = "mcpMem0.searchMemories";
	item.show();

	let timer: NodeJS.Timeout | undefined;
	const updateSoon = (delay: number) => {
		clearTimeout(timer);
		timer = setTimeout(() => void update(item, deps), delay);
	};
	updateSoon(firstLook);
	return vscode.Disposable.from(
		item,
		deps.memory.onDidChange(() => updateSoon(settleTime)),
		vscode.window.onDidChangeActiveTextEditor(() => updateSoon(settleTime)),
		{ dispose: () => clearTimeout(timer) },
	);
}

async function update(item: vscode.StatusBarItem, { memory, currentProject, log }: Deps): Promise<void> {
	try {
		const project = await currentProject();
		const status = (await memory.get()).status(project);
		const { all } = status.counts;
		item.text = `$(database) Mem0: ${all}`;
		item.tooltip = tooltip(status, project?.name);
		item.backgroundColor = undefined;
		item.accessibilityInformation = { label: `Mem0, ${counted(all)}. Search memories.` };
	} catch (error) {
		const text = errorText(error);
		log.error(text);
		item.text = "$(warning) Mem0";
		item.tooltip = text;
		item.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
		item.accessibilityInformation = { label: `Mem0 warning: ${text}` };
	}
}

function tooltip(
	{ counts, pending, database, embedding }: MemoryStatus,
	project: string | undefined,
): vscode.MarkdownString {
	const lines = [
		`**Mem0** remembers ${counted(counts.all)}: ${counts.global} global${project ? `, ${counts.project} of this project` : ""}.`,
		pending.embedding > 0
			? `${pending.embedding} still to be embedded; their words can be found already.`
			: undefined,
		`Embeddings: ${embedding.origin || "built in, on this machine; nothing is sent anywhere"}.`,
		`Database: \`${database}\``,
		"Click to search.",
	];
	return new vscode.MarkdownString(lines.filter((line) => line !== undefined).join("\n\n"));
}
