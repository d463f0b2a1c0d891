import * as vscode from "vscode";
import { inSettings } from "../config/settingNames.ts";
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
		const problem = status.llm?.problem ?? status.embedding.problem;
		const waiting = status.pending.distillation + status.pending.embedding;
		const pending = waiting > 0 ? `, ${waiting} pending` : "";
		item.text = `${problem ? "$(warning)" : "$(database)"} Mem0: ${all}${pending}`;
		item.tooltip = tooltip(status, project?.name);
		item.backgroundColor = problem ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
		const warning = problem ? ` Warning: ${inSettings(problem)}` : "";
		item.accessibilityInformation = {
			label: `Mem0, ${counted(all)}${pending}.${warning} Search memories.`,
		};
	} catch (error) {
		const text = inSettings(errorText(error));
		log.error(text);
		item.text = "$(warning) Mem0";
		item.tooltip = text;
		item.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
		item.accessibilityInformation = { label: `Mem0 warning: ${text}` };
	}
}

function tooltip(
	{ counts, pending, database, llm, embedding, keptAsText, outsideSpace }: MemoryStatus,
	project: string | undefined,
): vscode.MarkdownString {
	const lines = [
		`**Mem0** remembers ${counted(counts.all)}: ${counts.global} global${project ? `, ${counts.project} of this project` : ""}.`,
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
		llm?.problem ? `$(warning) ${escaped(inSettings(llm.problem))}` : undefined,
		embedding.problem ? `$(warning) ${escaped(inSettings(embedding.problem))}` : undefined,
		llm ? `Facts by ${llm.description}.` : undefined,
		`Embeddings by ${embedding.description}${llm || embedding.origin ? "" : "; nothing is sent anywhere"}.`,
		`Database: \`${database}\``,
		"Click to search.",
	];
	return new vscode.MarkdownString(lines.filter((line) => line !== undefined).join("\n\n"), true);
}

/** A server's words are shown as they are, whatever Markdown would make of them. */
function escaped(text: string): string {
	return text.replace(/[\\`*_{}[\]()#+!|<>$~-]/g, "\\$&");
}
