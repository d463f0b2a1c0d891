import * as vscode from "vscode";
import { errorText } from "../../memory/errorText.ts";
import { checkedText } from "../../memory/input.ts";
import type { SaveRequest, SaveResult } from "../../memory/requests.ts";
import { inSettings } from "../../settings/settingNames.ts";
import type { Project } from "../../store/types.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { ask, notify, pick, whileWorking } from "../ui.ts";
import { shortened } from "./search.ts";

/** `Mem0: Save Memory…` and `Mem0: Save Selection as Memory`. */
export function registerSave(deps: Deps): vscode.Disposable {
	return vscode.Disposable.from(
		vscode.commands.registerCommand("mcpMem0.saveMemory", async () => {
			const text = await ask({
				title: "Save memory",
				prompt: "A fact to remember, in a sentence or two",
				placeHolder: "We deploy with make ship, from the main branch only",
				ignoreFocusOut: true,
				validateInput: problemWith,
			});
			if (text !== undefined) await save(deps, text);
		}),
		vscode.commands.registerTextEditorCommand("mcpMem0.saveSelection", async ({ document, selections }) => {
			const text = selections.map((selection) => document.getText(selection)).join("\n");
			const problem = text.trim() === "" ? "Select the text to remember first." : problemWith(text);
			if (problem) void notify.error(problem);
			else await save(deps, text, { file: vscode.workspace.asRelativePath(document.uri) });
		}),
	);
}

function problemWith(text: string): string | undefined {
	try {
		checkedText(text);
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

async function save(deps: Deps, text: string, metadata?: Readonly<Record<string, unknown>>): Promise<void> {
	const project = await deps.currentProject();
	const scope = await chooseScope(project);
	const origin = {
		how: "command",
		client: vscode.env.appName,
		clientVersion: vscode.version,
		...(project ? { folder: project.name } : {}),
	} as const;
	const saved = scope && (await saveWithRetry(deps, { text, scope, project, metadata, origin }));
	if (!saved) return;
	const added = saved.memories.filter(({ event }) => event !== "DUPLICATE");
	const [first = saved.memories[0]] = added;
	if (!first) return;
	const what =
		added.length === 0
			? "Already saved:"
			: added.length === 1
				? "Saved"
				: `Saved ${added.length} facts. The first is`;
	const note = saved.note ? ` ${inSettings(saved.note)}` : "";
	const buttons = added.length > 0 ? ["Undo"] : [];
	const message = `${what} “${shortened(first.text)}”.${note}`;
	if (!(await notify.info(message, ...buttons))) return;
	await runForUser(deps, async () => {
		const memory = await deps.memory.get();
		for (const { id } of added) await memory.delete(id);
	});
}

/** A save that fails does not lose the text that was typed. */
async function saveWithRetry(deps: Deps, request: SaveRequest): Promise<SaveResult | undefined> {
	for (;;) {
		try {
			// A language model takes its time.
			return await whileWorking("Mem0: saving", async () => (await deps.memory.get()).save(request));
		} catch (error) {
			const text = inSettings(errorText(error));
			deps.log.error(text);
			const chosen = await notify.error(text, "Try Again", "Copy Text");
			if (chosen === "Copy Text") await vscode.env.clipboard.writeText(String(request.text));
			if (chosen !== "Try Again") return undefined;
		}
	}
}

/** Without a project there is nothing to choose. */
async function chooseScope(project: Project | undefined) {
	if (!project) return "global";
	const about = "about you, true in every project";
	const choices = [
		{ label: "Everywhere", icon: "globe", description: about, scope: "global" },
		{ label: "This project", icon: "root-folder", description: project.id, scope: "project" },
	] as const;
	const options = { title: "Save memory", placeHolder: "Where does it apply?" };
	return (await pick(choices, options))?.scope;
}
