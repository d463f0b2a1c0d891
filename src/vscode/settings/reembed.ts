import * as vscode from "vscode";
import type { MemoryStatus } from "../../memory/requests.ts";
import { notEmbeddedNotice } from "../../memory/saving/failedTexts.ts";
import type { UserMemory } from "../../memory/userMemory.ts";
import { estimatedSize, reembedOffer } from "../../settings/reembedOffer.ts";
import { counted, listOf, plural } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { confirm, flash, notify, offer, withProgress } from "../ui.ts";

/** ms without a change before memories of another model are looked for. */
const settleTime = 1500;
/** Texts whose lengths stand for all. */
const sampleSize = 100;

/** `Mem0: Re-embed Memories`, and the offer to do so when the embedding model has changed. */
export function registerReembed(deps: Deps): vscode.Disposable {
	const offered = new Set<string>();
	let shown: { readonly text: string; readonly withdraw: AbortController } | undefined;
	let timer: NodeJS.Timeout | undefined;
	const withdraw = () => {
		shown?.withdraw.abort();
		shown = undefined;
	};
	const look = async () => {
		// The status bar reports a memory that cannot be opened.
		const memory = await deps.memory.get().catch(() => undefined);
		const status = await memory?.status().catch(() => undefined);
		// Whoever runs a team's server does these there.
		const own = status?.teamServer === undefined ? status : undefined;
		const text = own && reembedOffer(own);
		if (shown && shown.text !== text) {
			// It is made again if it holds again.
			offered.delete(shown.text);
			withdraw();
		}
		if (memory && own) void offerToDistill(memory, own.heldBack, own.llm?.description);
		if (text === undefined || offered.has(text)) return;
		offered.add(text);
		shown = { text, withdraw: new AbortController() };
		await offer(text, ["mcpMem0.reembed", vscode.l10n.t("Re-embed Them…")], shown.withdraw.signal);
	};
	const offerToDistill = async (
		memory: UserMemory,
		{ saves, origins }: MemoryStatus["heldBack"],
		model: string | undefined,
	) => {
		const key = `${origins} ${model}`;
		if (saves === 0 || model === undefined || offered.has(key)) return;
		offered.add(key);
		const wait = plural(
			saves,
			vscode.l10n.t("# save waits to be distilled elsewhere."),
			vscode.l10n.t("# saves wait to be distilled elsewhere."),
		);
		const where = listOf(origins.map((origin) => origin || vscode.l10n.t("another program's model")));
		const question = vscode.l10n.t("{0} Where: {1}. Send the texts to {2} instead?", wait, where, model);
		const distill = vscode.l10n.t("Distill");
		const chosen = await notify.info(question, distill, vscode.l10n.t("Later"));
		if (chosen === distill) await memory.takeOver();
	};
	const lookSoon = () => {
		clearTimeout(timer);
		timer = setTimeout(() => void look(), settleTime);
	};
	return vscode.Disposable.from(
		vscode.commands.registerCommand("mcpMem0.distill", () =>
			runForUser(deps, async () => {
				const memory = await deps.memory.get();
				await withProgress(vscode.l10n.t("Distilling saves that waited"), (_, signal) =>
					memory.takeOver(signal),
				);
			}),
		),
		vscode.commands.registerCommand("mcpMem0.reembed", () => {
			withdraw();
			return reembed(deps);
		}),
		deps.memory.onDidChange(lookSoon),
		// The first answer shows that the new settings work.
		deps.memory.onDidAsk(lookSoon),
		{
			dispose: () => {
				clearTimeout(timer);
				withdraw();
			},
		},
	);
}

async function reembed(deps: Deps): Promise<void> {
	await runForUser(deps, async () => {
		const memory = await deps.memory.get();
		const { embedding, outsideSpace, teamServer } = await memory.status();
		const { description, origin } = embedding;
		if (origin !== "" && outsideSpace > 0 && teamServer === undefined) {
			const { memories } = await memory.list({ scope: "all", limit: sampleSize, notEmbedded: true });
			const texts = memories.map(({ text }) => text);
			const question = vscode.l10n.t("Send {0} to {1}?", counted(outsideSpace), origin);
			const detail = vscode.l10n.t(
				"{0} embeds their texts, about {1} together, so that they can be found by their meaning.",
				description,
				estimatedSize(texts, outsideSpace),
			);
			if (!(await confirm(question, detail, vscode.l10n.t("Re-embed")))) return;
		}
		await withProgress(vscode.l10n.t("Embedding memories with {0}", description), async (report, signal) => {
			let shown = 0;
			const { done, total, embedded, left } = await memory.reembed(({ done, total }) => {
				const percent = total === 0 ? 100 : (100 * done) / total;
				report(vscode.l10n.t("{0} of {1}", done, total), percent - shown);
				shown = percent;
			}, signal);
			if (signal.aborted)
				flash(vscode.l10n.t("Cancelled: {0} of {1} embedded. Run it again to continue.", done, total));
			else if (left) {
				const what = vscode.l10n.t("{0} embedded with {1}.", counted(embedded), description);
				void notify.warn(`${what} ${notEmbeddedNotice(left)}`);
			} else if (total === 0) flash(vscode.l10n.t("Nothing to do: this model has embedded every memory"));
			else flash(vscode.l10n.t("{0} embedded with {1}", counted(done), description));
		});
	});
}
