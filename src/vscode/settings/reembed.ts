import * as vscode from "vscode";
import { counted } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";

/** ms without a change before memories of another model are looked for. */
const settleTime = 1500;

/** `Mem0: Re-embed Memories`, and the offer to do so when the embedding model has changed. */
export function registerReembed(deps: Deps): vscode.Disposable {
	const offered = new Set<string>();
	let timer: NodeJS.Timeout | undefined;
	const look = async () => {
		// The status bar reports a memory that cannot be opened.
		const status = await deps.memory.get().then(
			(memory) => memory.status(),
			() => undefined,
		);
		if (!status || status.outsideSpace === 0 || offered.has(status.embedding.description)) return;
		offered.add(status.embedding.description);
		const { outsideSpace, embedding } = status;
		const chosen = await vscode.window.showInformationMessage(
			`${counted(outsideSpace)} of an earlier embedding model can be found only by words. Embed them with ${embedding.description}? Their texts are sent there.`,
			"Re-embed",
			"Later",
		);
		if (chosen === "Re-embed") await reembed(deps);
	};
	return vscode.Disposable.from(
		vscode.commands.registerCommand("mcpMem0.reembed", () => reembed(deps)),
		deps.memory.onDidChange(() => {
			clearTimeout(timer);
			timer = setTimeout(() => void look(), settleTime);
		}),
		{ dispose: () => clearTimeout(timer) },
	);
}

async function reembed(deps: Deps): Promise<void> {
	await runForUser(deps, async () => {
		const memory = await deps.memory.get();
		const { embedding } = await memory.status();
		await vscode.window.withProgress(
			{
				location: vscode.ProgressLocation.Notification,
				title: `Embedding memories with ${embedding.description}`,
				cancellable: true,
			},
			async (progress, token) => {
				const stop = new AbortController();
				token.onCancellationRequested(() => stop.abort(new Error("cancelled")));
				let shown = 0;
				const { done, total } = await memory.reembed(({ done, total }) => {
					const percent = total === 0 ? 100 : (100 * done) / total;
					progress.report({ message: `${done} of ${total}`, increment: percent - shown });
					shown = percent;
				}, stop.signal);
				void vscode.window.showInformationMessage(
					stop.signal.aborted
						? `Cancelled: ${done} of ${total} are embedded. Run it again to continue.`
						: total === 0
							? "Nothing to do: this model has embedded every memory."
							: `${counted(done)} embedded with ${embedding.description}.`,
				);
			},
		);
	});
}
