import * as vscode from "vscode";
import type { MemoryService } from "../../memory/memoryService.ts";
import type { MemoryStatus } from "../../memory/requests.ts";
import { notEmbeddedNotice } from "../../memory/saving/failedTexts.ts";
import { counted } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { notify, withProgress } from "../ui.ts";

/** ms without a change before memories of another model are looked for. */
const settleTime = 1500;

/** `Mem0: Re-embed Memories`, and the offer to do so when the embedding model has changed. */
export function registerReembed(deps: Deps): vscode.Disposable {
	const offered = new Set<string>();
	let timer: NodeJS.Timeout | undefined;
	const look = async () => {
		// The status bar reports a memory that cannot be opened.
		const memory = await deps.memory.get().catch(() => undefined);
		if (!memory) return;
		const { outsideSpace, embedding, llm, heldBack } = await memory.status();
		await offerToDistill(memory, heldBack, llm?.description);
		const { description } = embedding;
		if (outsideSpace === 0 || offered.has(description)) return;
		offered.add(description);
		const question = `${counted(outsideSpace)} of an earlier embedding model can be found only by words. Embed them with ${description}? Their texts are sent there.`;
		const chosen = await notify.info(question, "Re-embed", "Later");
		if (chosen === "Re-embed") await reembed(deps);
	};
	const offerToDistill = async (
		memory: MemoryService,
		{ saves, origins }: MemoryStatus["heldBack"],
		model: string | undefined,
	) => {
		const offer = `${origins} ${model}`;
		if (saves === 0 || model === undefined || offered.has(offer)) return;
		offered.add(offer);
		const wait = saves === 1 ? "1 save waits" : `${saves} saves wait`;
		const where = origins.map((origin) => origin || "another program's model").join(" and ");
		const question = `${wait} to be distilled at ${where}. Send ${saves === 1 ? "it" : "them"} to ${model} instead?`;
		const chosen = await notify.info(question, "Distill", "Later");
		if (chosen === "Distill") await memory.takeOver();
	};
	return vscode.Disposable.from(
		vscode.commands.registerCommand("mcpMem0.distill", () =>
			runForUser(deps, async () => {
				const memory = await deps.memory.get();
				await withProgress("Distilling saves that waited", (_, signal) => memory.takeOver(signal));
			}),
		),
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
		const { description } = (await memory.status()).embedding;
		await withProgress(`Embedding memories with ${description}`, async (report, signal) => {
			let shown = 0;
			const { done, total, embedded, left } = await memory.reembed(({ done, total }) => {
				const percent = total === 0 ? 100 : (100 * done) / total;
				report(`${done} of ${total}`, percent - shown);
				shown = percent;
			}, signal);
			void notify.info(
				signal.aborted
					? `Cancelled: ${done} of ${total} are embedded. Run it again to continue.`
					: left
						? `${counted(embedded)} embedded with ${description}. ${notEmbeddedNotice(left)}`
						: total === 0
							? "Nothing to do: this model has embedded every memory."
							: `${counted(done)} embedded with ${description}.`,
			);
		});
	});
}
