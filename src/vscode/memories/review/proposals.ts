import * as vscode from "vscode";
import { concernedMemories } from "../../../memory/curating/decisions.ts";
import { separateParts } from "../../../memory/curating/splitting.ts";
import { InputError } from "../../../memory/errors.ts";
import type { UserMemory } from "../../../memory/userMemory.ts";
import type { Candidate } from "../../../store/candidates.ts";
import type { Memory } from "../../../store/types.ts";
import { oneLine } from "../../../text/inert.ts";
import { ageOf } from "../../../text/wording.ts";
import type { Deps } from "../../deps.ts";
import { fileName } from "../documents/memoryUri.ts";
import { originDetails, proposalLabel, whyText } from "../view/rows.ts";

/** Read-only: `mem0-proposal:/<id of the candidate>/<side>/<first words>.md`. */
export const proposalScheme = "mem0-proposal";
type Side = "before" | "after" | "text";

const between = "\n\n---\n\n";

/** Shows what is proposed: beside the memories that it concerns, with the reason; or by itself, with where it came from. */
export async function showProposal(candidate: Candidate): Promise<void> {
	// The focus stays in the tree, where the next key decides.
	const shown = { preview: true, preserveFocus: true };
	if (candidate.action === undefined)
		return void (await vscode.window.showTextDocument(proposalUri(candidate, "text"), shown));
	const title = oneLine(`${proposalLabel(candidate)}: ${whyText(candidate.why ?? "")}`, 200);
	const [before, after] = [proposalUri(candidate, "before"), proposalUri(candidate, "after")];
	await vscode.commands.executeCommand("vscode.diff", before, after, title, shown);
}

function proposalUri({ id, text }: Candidate, side: Side): vscode.Uri {
	return vscode.Uri.from({ scheme: proposalScheme, path: `/${id}/${side}/${fileName(text)}` });
}

/** The candidate that an editor shows. */
export function candidateIdOf({ scheme, path }: vscode.Uri): string | undefined {
	return scheme === proposalScheme ? path.split("/")[1] : undefined;
}

/** Undefined for one that somebody has decided on. */
export async function waitingCandidate(
	service: UserMemory,
	id: string | undefined,
): Promise<Candidate | undefined> {
	try {
		return id === undefined ? undefined : await service.review.get(id);
	} catch (error) {
		if (error instanceof InputError) return undefined;
		throw error;
	}
}

/** What the documents of proposals say. */
export function proposalContent(deps: Deps): vscode.TextDocumentContentProvider {
	return {
		provideTextDocumentContent: async ({ path }) => {
			const [, id, side] = path.split("/");
			const service = await deps.memory.get();
			const candidate = await waitingCandidate(service, id);
			if (!candidate) return vscode.l10n.t("This is no longer waiting for review.");
			if (side === "text") return alone(candidate);
			const memories = await concernedMemories(service, candidate);
			return side === "before" ? before(candidate, memories) : after(candidate, memories);
		},
	};
}

function alone({ text, why, excerpt, origin, createdAt, project }: Candidate): string {
	const place = project ? vscode.l10n.t("Project: {0}", project.name) : vscode.l10n.t("Scope: global");
	const by = origin ? originDetails(origin) : vscode.l10n.t("an unknown program");
	const facts = [
		vscode.l10n.t("Proposed {0} by {1}", ageOf(createdAt), by),
		place,
		why && vscode.l10n.t("Why: {0}", whyText(why)),
	].filter(Boolean);
	const from = excerpt ? [vscode.l10n.t("From this passage:"), excerpt] : [];
	return [text, "---", facts.join("\n"), ...from].join("\n\n");
}

function before({ action }: Candidate, memories: readonly Memory[]): string {
	// Of a contradiction, the second one is on the other side.
	const shown = action === "supersede" ? memories.slice(0, 1) : memories;
	return shown.map(({ text }) => text).join(between);
}

function after({ action, text }: Candidate, memories: readonly Memory[]): string {
	if (action === "delete") return "";
	if (action === "supersede") return memories[1]?.text ?? text;
	return action === "split" ? separateParts(text).join(between) : text;
}
