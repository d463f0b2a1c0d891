import { audienceOf } from "../store/access.ts";
import type { Changed, MemoryChange } from "../store/changes.ts";
import type { Memory, Project, StoredMemory, Visibility } from "../store/types.ts";
import { logDeeds } from "./access/deeds.ts";
import { checkAllowed, checkedAudience, reviewedAnew, viewerById, visibilityFor } from "./access/sharing.ts";
import { InputError, UnknownMemoryError } from "./errors.ts";
import { checkedExpiry, checkedId, checkedMetadata, checkedPin, checkedScope, checkedText } from "./input.ts";
import { keptHereNote } from "./keptHere.ts";
import type { MemoryContext } from "./memoryContext.ts";

/** What a change changes; what is absent stays as it is, and `null` removes what there is. */
export interface ChangeRequest {
	readonly id: unknown;
	/** The memory as it was read; if it is another by now, nothing is changed. */
	readonly expected?: Pick<Memory, "text" | "updatedAt"> | undefined;
	readonly text?: unknown;
	/** With `project` for the scope `project`. */
	readonly scope?: unknown;
	readonly project?: Project | undefined;
	readonly pinned?: unknown;
	/** ISO 8601 or ms since 1970. */
	readonly expiresAt?: unknown;
	readonly metadata?: unknown;
	/** The id of the memory that takes its place. */
	readonly supersededBy?: unknown;
	/** Who finds it in a team: private, project or team. */
	readonly visibility?: unknown;
}

export interface ChangedMemory extends Changed {
	/** What was taken out of the new text, and why; or that it waits for the database. */
	readonly note?: string;
}

/** Changes memories for people and agents. Every change is in the history, and can be undone. */
export class Changer {
	readonly #context: MemoryContext;
	/** Called when memories may need work in the background. */
	readonly #onChange: (needsWork: boolean) => void;

	constructor(context: MemoryContext, onChange: (needsWork: boolean) => void) {
		this.#context = context;
		this.#onChange = onChange;
	}

	/**
	 * Changes all of them or none.
	 * @throws InputError, also for an unknown id; NotAllowedError; ConflictError
	 */
	async change(requests: readonly ChangeRequest[]): Promise<readonly ChangedMemory[]> {
		const { guard } = this.#context;
		const checked = await Promise.all(requests.map((request) => this.#checked(request)));
		const guarded = await Promise.all(checked.map((change) => guard.memory(change)));
		const changed = await this.#apply(guarded.map(({ value }) => value));
		return changed.map((one, index) => {
			const here = keptHereNote([one.after]);
			const note = [guarded[index]?.note ?? [], here ?? []].flat().join(" ");
			return note === "" ? one : { ...one, note };
		});
	}

	/** Takes changes back. @throws ConflictError if somebody has changed the memory since; InputError if it is gone. */
	undo(changes: readonly Changed[]): Promise<readonly Changed[]> {
		return this.#apply(changes.map(undoing));
	}

	/** @returns the memories as they were; without those that are gone already. */
	async delete(ids: readonly unknown[]): Promise<readonly StoredMemory[]> {
		const checked = ids.map(checkedId);
		await Promise.all(checked.map((id) => this.#allowed(id, "delete")));
		const deleted = await this.#context.store.memories.delete(checked, viewerById(this.#context));
		const gone = deleted.filter((memory) => memory !== undefined);
		logDeeds(this.#context, "deleted", gone);
		return gone;
	}

	/** @returns the memories; without those that cannot be restored. */
	async restore(ids: readonly unknown[]): Promise<readonly StoredMemory[]> {
		const { memories } = this.#context.store;
		const viewer = viewerById(this.#context);
		const restored = await memories.restore(ids.map(checkedId), viewer);
		const back: StoredMemory[] = [];
		for (const memory of restored) if (memory) back.push(await this.#acceptedAnew(memory));
		this.#onChange(true);
		logDeeds(this.#context, "restored", back);
		return back;
	}

	/** What an administrator has deleted is shared again only once one has accepted it, where they decide on that. */
	async #acceptedAnew(memory: StoredMemory): Promise<StoredMemory> {
		const { reviews, actor, store, userId } = this.#context;
		const audience = audienceOf(memory);
		if (!reviews || actor.admin || audience === "private") return memory;
		const history = await store.memories.history(memory.id, userId);
		if (history.findLast(({ event }) => event === "DELETE")?.by === undefined) return memory;
		const change = { id: memory.id, visibility: `proposed-${audience}` } as const;
		const [changed] = await store.memories.change(viewerById(this.#context), [change]);
		return changed?.after ?? memory;
	}

	async #apply(changes: readonly MemoryChange[]): Promise<readonly Changed[]> {
		const { store, patientEmbedder } = this.#context;
		const texts = changes.flatMap(({ text }) => text ?? []);
		const { vectors, problem } = texts.length > 0 ? await patientEmbedder.embedAll(texts) : {};
		const next = vectors?.values();
		const withVectors = changes.map((change) =>
			change.text === undefined ? change : { ...change, vector: next?.next().value },
		);
		const changed = await store.memories.change(viewerById(this.#context), withVectors);
		this.#onChange(problem !== undefined);
		logDeeds(
			this.#context,
			"changed",
			changed.flatMap((one) => one?.after ?? []),
		);
		return changed.map((one, index) => {
			if (!one) throw new UnknownMemoryError(changes[index]?.id ?? "");
			return one;
		});
	}

	async #checked(request: ChangeRequest): Promise<MemoryChange> {
		const { expected, scope, project, text, metadata, supersededBy } = request;
		const id = checkedId(request.id);
		const pinned = checkedPin(request.pinned);
		const expiresAt = checkedExpiry(request.expiresAt);
		const place = scope === undefined ? undefined : checkedScope(scope, project);
		const audience = checkedAudience(request.visibility);
		const memory = await this.#allowed(id, audience === undefined ? "change" : "share");
		// Before a model is asked for vectors of all the texts.
		if (!memory && this.#context.team) throw new UnknownMemoryError(id);
		const becomes = place === undefined ? memory?.project : place === "project" ? project : undefined;
		const change: MemoryChange = {
			id,
			...(expected ? { expected } : {}),
			...(text === undefined ? {} : { text: checkedText(text) }),
			...(place === undefined ? {} : { project: place === "project" && project ? project : null }),
			...(pinned === undefined ? {} : { pinned }),
			...(expiresAt === undefined ? {} : { expiresAt }),
			...(metadata === undefined ? {} : { metadata: checkedMetadata(metadata) ?? null }),
			...(supersededBy === undefined ? {} : { supersededBy: await this.#successor(id, supersededBy) }),
			...(audience === undefined ? {} : { visibility: visibilityFor(this.#context, audience, becomes) }),
		};
		return { ...reviewedAnew(this.#context, memory, change), ...change };
	}

	/**
	 * A memory that may be another's; undefined for an unknown id, and outside a team, where all are the user's own.
	 * @throws NotAllowedError
	 */
	async #allowed(id: string, what: "change" | "share" | "delete"): Promise<StoredMemory | undefined> {
		const viewer = viewerById(this.#context);
		if (typeof viewer === "string") return undefined;
		const memory = await this.#context.store.memories.get(id, viewer);
		if (memory) checkAllowed(viewer, what, memory);
		return memory;
	}

	/** Two memories must not hide each other. */
	async #successor(id: string, supersededBy: unknown): Promise<string | null> {
		if (supersededBy === null) return null;
		const { store } = this.#context;
		const viewer = viewerById(this.#context);
		const first = checkedId(supersededBy);
		const seen = new Set([id]);
		for (let next: string | undefined = first; next !== undefined; ) {
			if (seen.has(next))
				throw new InputError("supersededBy", `${first} has itself been superseded by ${id}, or is the same.`);
			seen.add(next);
			const memory: Memory | undefined = await store.memories.get(next, viewer);
			if (!memory && next === first) throw new UnknownMemoryError(first);
			next = memory?.supersededBy;
		}
		return first;
	}
}

/** The change that leads back. */
export function undoing({ before, after }: Changed): MemoryChange {
	const { id, text, project = null, pinned = false } = before;
	const { expiresAt = null, metadata = null, supersededBy = null } = before;
	const visibility: Visibility = before.visibility ?? "private";
	const fields = { id, expected: after, project, pinned, expiresAt, metadata, supersededBy, visibility };
	return text === after.text ? fields : { ...fields, text };
}
