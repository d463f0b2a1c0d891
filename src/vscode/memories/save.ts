import * as vscode from "vscode";
import { checkedText } from "../../memory/input.ts";
import type { Deps } from "../deps.ts";
import { askLive, flash, notify } from "../ui.ts";
import { withPastedLines } from "./pastedLines.ts";
import { saveText } from "./saveText.ts";

/** What was typed and is not saved yet, in the state of the workspace: it outlives the input box and the window. */
const draftKey = "draftMemory";
/** The context in which Shift+Enter goes on in an editor. */
const typing = "mcpMem0.typingMemory";

/** `Mem0: Save Memory…` and `Mem0: Save Selection as Memory`. */
export function registerSave(deps: Deps): vscode.Disposable {
	let goOn: (() => void) | undefined;
	return vscode.Disposable.from(
		vscode.commands.registerCommand("mcpMem0.saveMemory", () => {
			goOn = typeMemory(deps);
		}),
		vscode.commands.registerCommand("mcpMem0.continueInEditor", () => goOn?.()),
		vscode.commands.registerTextEditorCommand("mcpMem0.saveSelection", async ({ document, selections }) => {
			const text = selections.map((selection) => document.getText(selection)).join("\n");
			const problem =
				text.trim() === "" ? vscode.l10n.t("Select the text to remember first.") : problemWith(text);
			if (problem) return void notify.error(problem);
			const file = vscode.workspace.asRelativePath(document.uri, false);
			await saveText(deps, text, { file, lines: linesOf(selections) });
		}),
	);
}

/** Asks for a text and saves it. @returns what goes on in an editor instead. */
function typeMemory(deps: Deps): () => void {
	const { workspaceState } = deps.context;
	const draft = workspaceState.get(draftKey, "");
	let text = draft;
	let moved = false;
	const keep = (value: string) => {
		text = value;
		return workspaceState.update(draftKey, value.trim() === "" ? undefined : value);
	};
	const goOn = async (begun: string) => {
		moved = true;
		box.close();
		if (await openEditor(begun)) await keep("");
	};
	void vscode.commands.executeCommand("setContext", typing, true);
	const box = askLive({
		title: vscode.l10n.t("Save memory"),
		prompt: draft
			? vscode.l10n.t("This is what you began to write. Shift+Enter goes on in an editor, with more lines")
			: vscode.l10n.t(
					"A fact to remember, in a sentence or two. Shift+Enter goes on in an editor, with more lines",
				),
		placeHolder: vscode.l10n.t("We deploy with make ship, from the main branch only"),
		value: draft,
		problemWith,
		button: {
			iconPath: new vscode.ThemeIcon("go-to-file"),
			tooltip: vscode.l10n.t("Write several lines in an editor (Shift+Enter)"),
			act: () => void goOn(`${text}\n`),
		},
		changed: async (value) => {
			const before = text;
			await keep(value);
			const lines = await withPastedLines(before, value, () => vscode.env.clipboard.readText());
			if (lines !== undefined && !moved) await goOn(lines);
		},
		done: async (typed) => {
			void vscode.commands.executeCommand("setContext", typing, false);
			if (moved) return;
			const saved = typed !== undefined && (await saveText(deps, typed));
			// A save that waited for an answer may be overtaken by another draft.
			if (saved) {
				if (workspaceState.get(draftKey) === typed) await keep("");
			} else if (text.trim() !== "")
				flash(vscode.l10n.t("Not saved. Mem0: Save Memory… goes on with what you wrote"));
		},
	});
	return () => void goOn(`${text}\n`);
}

/**
 * A new document of a memory. What is typed into it is kept as in any file; its first words alone would not be.
 * @returns whether the text is in it.
 */
async function openEditor(text: string): Promise<boolean> {
	const [first = ""] = text.split("\n", 1);
	await vscode.commands.executeCommand("mcpMem0.newMemory", first);
	const editor = vscode.window.activeTextEditor;
	if (!editor) return false;
	// Behind the first words, whatever a person has typed meanwhile: an edit of the editor itself would be refused then.
	const edit = new vscode.WorkspaceEdit();
	edit.insert(editor.document.uri, editor.selection.active, text.slice(first.length));
	return vscode.workspace.applyEdit(edit);
}

/** First and last line of what is selected, counted from 1. */
function linesOf(selections: readonly vscode.Selection[]): readonly [number, number] {
	const first = Math.min(...selections.map(({ start }) => start.line));
	// A selection that ends before the first character of a line has nothing of it.
	const ends = selections.map(({ start, end }) =>
		end.character === 0 && end.line > start.line ? end.line - 1 : end.line,
	);
	return [first + 1, Math.max(...ends) + 1];
}

function problemWith(text: string): string | undefined {
	try {
		checkedText(text);
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
