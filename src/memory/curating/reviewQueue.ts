import { createHash } from "node:crypto";
import * as l10n from "@vscode/l10n";
import { audienceOf } from "../../store/access.ts";
import type {
	Candidate,
	CandidateKind,
	CandidatePage,
	Decided,
	Decision,
	NewCandidate,
} from "../../store/candidates.ts";
import type { MemoryChange } from "../../store/changes.ts";
import type { Memory, NewMemory, Project, StoredMemory, Vector } from "../../store/types.ts";
import { fingerprint } from "../../text/fingerprint.ts";
import { reviewedAnew, viewerById, visibilityOfNew } from "../access/sharing.ts";
import { undoing } from "../changing.ts";
import { InputError, UnknownMemoryError } from "../errors.ts";
import { checkedId, checkedMetadata, checkedText } from "../input.ts";
import type { MemoryContext } from "../memoryContext.ts";
import { checkedMemory, type ImportRequest } from "../requests.ts";
import { decideOnSharing, isSharingProposal, sharingProposal, sharingProposals } from "./sharingProposals.ts";

/** Characters of the passage that a candidate is shown with. */
const longestExcerpt = 2000;
/** Candidates on a page. */
const pageLength = 100;

/** What is proposed: a memory, or what to do with memories. */
export interface Proposal extends ImportRequest {
	readonly kind: CandidateKind;
	/** The passage it comes from. */
	readonly excerpt?: string | undefined;
	/** Why it is proposed, for people. */
	readonly why?: string | undefined;
	/** What is to be done with the memories in `concerns`; see NewCandidate. */
	readonly action?: string | undefined;
	readonly concerns?: readonly string[] | undefined;
	/** What tells the same proposal again, where its text may be another each time. Default: its text. */
	readonly about?: string | undefined;
}

/** What a person makes of a candidate. */
export interface Acceptance {
	readonly id: unknown;
	/** In the place of the proposed one. */
	readonly text?: unknown;
}

/** What accepting a tidy-up proposal does. */
export type Deed = Pick<Decision, "add" | "change" | "delete">;

/** Candidates, which nothing finds until somebody has accepted them. All methods throw InputError and StoreError. */
export class ReviewQueue {
	readonly #context: MemoryContext;
	/** Does work that must be finished before the memory closes. */
	readonly #tracked: <T>(work: Promise<T>) => Promise<T>;
	/** Called when memories were added or changed. */
	readonly #onChange: () => void;

	constructor(context: MemoryContext, tracked: <T>(work: Promise<T>) => Promise<T>, onChange: () => void) {
		this.#context = context;
		this.#tracked = tracked;
		this.#onChange = onChange;
	}

	/** @returns those that were added: neither what waits already, nor what was rejected before. */
	propose(proposals: readonly Proposal[]): Promise<readonly Candidate[]> {
		return this.#proposeTo(this.#context.userId, proposals);
	}

	async #proposeTo(userId: string, proposals: readonly Proposal[]): Promise<readonly Candidate[]> {
		const { store, guard } = this.#context;
		const guarded = await Promise.all(
			proposals.map(({ text, metadata, ...rest }) => {
				const checked = checkedMetadata(metadata);
				return guard.memory(
					{ ...rest, text: checkedText(text), ...(checked ? { metadata: checked } : {}) },
					false,
				);
			}),
		);
		return this.#tracked(store.candidates.add(guarded.map(({ value }) => toCandidate(userId, value))));
	}

	/** A page, the last added first. @param below `next` of the page before. */
	async list(
		options: { readonly kind?: CandidateKind; readonly below?: number; readonly limit?: number } = {},
	): Promise<CandidatePage> {
		const { limit = pageLength, ...rest } = options;
		const { store, userId } = this.#context;
		const page = await store.candidates.list(userId, limit, rest);
		const isFirst = rest.below === undefined && (rest.kind ?? "sharing") === "sharing";
		if (!isFirst) return page;
		const { proposals } = await sharingProposals(this.#context);
		return { ...page, candidates: [...proposals, ...page.candidates] };
	}

	async count(): Promise<number> {
		const { total } = await sharingProposals(this.#context, 1);
		return total + (await this.#context.store.candidates.count(this.#context.userId));
	}

	/** Proposes to its author what another memory is to say. @throws InputError */
	proposeEdit(memory: Memory, text: unknown): Promise<readonly Candidate[]> {
		const { userId } = this.#context;
		const { scope, project } = memory;
		// In English: somebody else reads it, in a language that is not known here.
		const why = `${userId} proposes this text.`;
		const proposal = {
			kind: "edit",
			action: "edit",
			concerns: [memory.id],
			text,
			why,
			scope,
			project,
		} as const;
		return this.#proposeTo(memory.userId, [proposal]);
	}

	async get(id: unknown): Promise<Candidate> {
		const candidate = await this.#waiting(id);
		if (candidate) return candidate;
		throw new InputError(
			"id",
			l10n.t("This candidate does not wait any more: it was accepted or rejected meanwhile."),
		);
	}

	/** Makes memories of candidates. Those that do not wait any more are left out. */
	async accept(acceptances: readonly Acceptance[]): Promise<readonly Decided[]> {
		const found = await Promise.all(acceptances.map(({ id }) => this.#waiting(id)));
		const waiting = acceptances.flatMap(({ text }, index) => {
			const candidate = found[index];
			if (!candidate) return [];
			const { id, memory } = toMemory(candidate, text);
			return [{ id, memory: { ...memory, ...this.visibilityOf(candidate, memory.project) } }];
		});
		const added = await Promise.all(
			waiting.map(async ({ id, memory }) => ({
				id,
				memory: (await this.#context.guard.memory(memory)).value,
			})),
		);
		const vectors = await this.#embedded(added.map(({ memory }) => memory.text));
		return this.#decide(
			added.map(({ id, memory }, index) => {
				const vector = vectors[index];
				return { id, outcome: "accepted", add: [vector ? { ...memory, vector } : memory] };
			}),
		);
	}

	/** Who finds what becomes of a candidate: what was captured in a project is its team's, what was imported is not. */
	visibilityOf({ kind }: Candidate, project: Project | undefined, audience?: unknown) {
		const wanted = audience ?? (kind === "capture" ? undefined : "private");
		return visibilityOfNew(this.#context, wanted, project);
	}

	/**
	 * Puts what a candidate says into a memory.
	 * @param memory as the person saw it.
	 * @param text of both.
	 * @throws ConflictError if the memory was changed meanwhile.
	 */
	async merge(id: unknown, memory: Pick<StoredMemory, "id" | "text" | "updatedAt">, text: unknown) {
		const candidate = await this.get(id);
		const { memories } = this.#context.store;
		if (!(await memories.get(memory.id, viewerById(this.#context)))) throw new UnknownMemoryError(memory.id);
		const { value } = await this.#context.guard.memory({ text: checkedText(text) });
		const merged = value.text;
		const [vector] = await this.#embedded([merged]);
		const change: MemoryChange = { id: memory.id, expected: memory, text: merged, vector };
		const [decided] = await this.#decide([{ id: candidate.id, outcome: "accepted", change: [change] }]);
		return decided;
	}

	/** Does what a tidy-up proposal proposes, and settles it, all at once. @throws ConflictError */
	async carryOut(id: unknown, deed: Deed): Promise<Decided | undefined> {
		const { id: known } = await this.get(id);
		const [decided] = await this.#decide([{ id: known, outcome: "accepted", ...deed }]);
		return decided;
	}

	/** They are not proposed again. @returns those that were waiting. */
	async reject(ids: readonly unknown[]): Promise<readonly Decided[]> {
		return this.#decide(ids.map((id) => ({ id: checkedId(id), outcome: "rejected" })));
	}

	/** Takes decisions back: deletes what was added, changes back what was changed, and lets the candidates wait again. */
	async undo(decided: readonly Decided[]): Promise<void> {
		await this.#tracked(this.#undo(decided));
		this.#onChange();
	}

	async #undo(decided: readonly Decided[]): Promise<void> {
		const { store, userId } = this.#context;
		const viewer = viewerById(this.#context);
		await store.memories.change(viewer, decided.flatMap((each) => each.changed).map(undoing));
		const added = decided.flatMap((each) => each.added).filter(({ event }) => event === "ADD");
		await store.memories.delete(
			added.map(({ memory }) => memory.id),
			viewer,
		);
		await store.memories.restore(
			decided.flatMap((each) => each.deleted).map(({ id }) => id),
			viewer,
		);
		await store.candidates.reopen(
			decided.map(({ id }) => id),
			userId,
		);
	}

	async #decide(decisions: readonly Decision[]): Promise<readonly Decided[]> {
		const { store, userId } = this.#context;
		const [sharing, others] = [true, false].map((is) =>
			decisions.filter(({ id }) => isSharingProposal(id) === is),
		) as [Decision[], Decision[]];
		const shared = sharing.map((decision) => decideOnSharing(this.#context, decision));
		const own = await Promise.all(others.map((decision) => this.#reviewed(decision)));
		const decided = await this.#tracked(
			Promise.all([...shared, store.candidates.decide(userId, own)]).then((all) => all.flat()),
		);
		this.#onChange();
		return decided.filter((each) => each !== undefined);
	}

	/** @throws InputError */
	async #reviewed({ add, ...rest }: Decision): Promise<Decision> {
		const decision = add ? { ...rest, add: add.map((memory) => this.#asOwn(memory)) } : rest;
		if (!decision.change || !this.#context.reviews) return decision;
		const { store, userId } = this.#context;
		const change = await Promise.all(
			decision.change.map(async (each) => ({
				...reviewedAnew(this.#context, await store.memories.get(each.id, userId), each),
				...each,
			})),
		);
		return { ...decision, change };
	}

	/** Parts of a memory that was accepted say what nobody has accepted; and nobody writes as another. */
	#asOwn(memory: NewMemory): NewMemory {
		const { userId, reviews, actor } = this.#context;
		if (memory.userId !== userId)
			throw new InputError("candidate", l10n.t("It is about a memory of {0}. Reject it.", memory.userId));
		const audience = audienceOf(memory);
		const isUnseen = reviews && !actor.admin && audience !== "private";
		return isUnseen ? { ...memory, visibility: `proposed-${audience}` } : memory;
	}

	#waiting(id: unknown): Promise<Candidate | undefined> {
		const known = checkedId(id);
		return isSharingProposal(known)
			? sharingProposal(this.#context, known)
			: this.#context.store.candidates.get(known, this.#context.userId);
	}

	/** Those that are missing are made in the background. */
	async #embedded(texts: readonly string[]): Promise<readonly (Vector | undefined)[]> {
		if (texts.length === 0) return [];
		return (await this.#context.patientEmbedder.embedAll(texts)).vectors ?? [];
	}
}

function toCandidate(userId: string, proposal: Proposal): NewCandidate {
	const { kind, excerpt, why, action, concerns = [] } = proposal;
	const memory = checkedMemory(userId, proposal);
	const about = JSON.stringify([
		action ?? "",
		memory.project?.id ?? "",
		fingerprint(proposal.about ?? memory.text),
		...concerns,
	]);
	return {
		...memory,
		kind,
		key: createHash("sha256").update(about).digest("base64url"),
		...(excerpt ? { excerpt: excerpt.slice(0, longestExcerpt).toWellFormed() } : {}),
		...(why ? { why } : {}),
		...(action ? { action } : {}),
		...(concerns.length > 0 ? { concerns } : {}),
	};
}

function toMemory(candidate: Candidate, text: unknown): { readonly id: string; readonly memory: NewMemory } {
	const {
		id,
		seq: _,
		kind: __,
		key: ___,
		excerpt: ____,
		why: _____,
		action: ______,
		concerns: _______,
		...memory
	} = candidate;
	return { id, memory: text === undefined ? memory : { ...memory, text: checkedText(text) } };
}
