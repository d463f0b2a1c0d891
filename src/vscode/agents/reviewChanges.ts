import { basename } from "node:path";
import * as vscode from "vscode";
import type { Change } from "../../agents/change.ts";
import { oneLine } from "../../text/inert.ts";

/** Of the texts that a diff shows; package.json names it in the conditions of the buttons above the diff. */
const scheme = "mcp-mem0-change";

/** Shows changes of files in VS Code's diff editor, one after the other, and waits for what a person decides. */
export class ChangeReview implements vscode.Disposable {
	readonly #texts = new Map<string, string>();
	readonly #owned: vscode.Disposable;
	#shown: { readonly after: string; readonly decide: (write: boolean) => void } | undefined;
	#number = 0;

	/** @param decided whether the person wants the change written that is shown. */
	constructor(decided: vscode.Event<boolean>) {
		this.#owned = vscode.Disposable.from(
			vscode.workspace.registerTextDocumentContentProvider(scheme, {
				provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? "",
			}),
			decided((write) => this.#shown?.decide(write)),
			vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
				if (closed.some((tab) => this.#isShown(tab))) this.#shown?.decide(false);
			}),
		);
	}

	/**
	 * @param name whose file it is.
	 * @returns whether the person wants it written; not if they close the diff, or when the signal aborts.
	 */
	async ask(name: string, { file, before, after }: Change, signal: AbortSignal): Promise<boolean> {
		this.#number += 1;
		const show = (side: string, text = "") => {
			// The file's name stays at the end, and with it the language.
			const uri = vscode.Uri.file(file).with({ scheme, query: `${side}-${this.#number}` });
			this.#texts.set(uri.toString(), text);
			return uri;
		};
		const [left, right] = [show("before", before.text), show("after", after.text)];
		const words = [name, basename(file)] as const;
		const title =
			before.text === undefined
				? vscode.l10n.t("{0}: {1}, a new file", ...words)
				: after.text === undefined
					? vscode.l10n.t("{0}: {1}, to be removed", ...words)
					: vscode.l10n.t("{0}: {1}", ...words);
		const decided = new Promise<boolean>((decide) => {
			this.#shown = { after: right.toString(), decide };
			signal.addEventListener("abort", () => decide(false), { once: true });
		});
		try {
			await vscode.commands.executeCommand("vscode.diff", left, right, oneLine(title), { preview: false });
			return !signal.aborted && (await decided);
		} finally {
			const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
			const open = tabs.filter((tab) => this.#isShown(tab));
			this.#shown = undefined;
			await vscode.window.tabGroups.close(open);
			for (const uri of [left, right]) this.#texts.delete(uri.toString());
		}
	}

	#isShown({ input }: vscode.Tab): boolean {
		return input instanceof vscode.TabInputTextDiff && input.modified.toString() === this.#shown?.after;
	}

	dispose(): void {
		this.#shown?.decide(false);
		this.#owned.dispose();
	}
}
