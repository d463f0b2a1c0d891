import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import type { Candidate, Decided } from "../../store/candidates.ts";
import type { Changed } from "../../store/changes.ts";
import type { Memory } from "../../store/types.ts";
import type { ChangedMemory, ChangeRequest } from "../changing.ts";
import type { EditedFields } from "../curating/decisions.ts";
import { InputError } from "../errors.ts";
import { errorText } from "../errorText.ts";
import { theOne } from "../readMemory.ts";
import type { SaveRequest, SaveResult, UpdatedMemory } from "../requests.ts";
import { SecretGuard } from "../secrets/secretGuard.ts";
import type { UpdateValues } from "../updating.ts";
import type { UserMemory } from "../userMemory.ts";
import { Following } from "./following.ts";
import { guarded, withNote } from "./guarded.ts";
import { isAway, Outbox } from "./outbox.ts";
import { RemoteReading } from "./remoteReading.ts";
import { RemoteReview } from "./remoteReview.ts";
import { RemoteTransfer } from "./remoteTransfer.ts";
import { RemoteUses } from "./remoteUses.ts";
import type { TeamClient } from "./teamClient.ts";
import { TeamLink } from "./teamLink.ts";

export interface RemoteMemoryOptions {
	readonly client: TeamClient;
	readonly log: Log;
	/** Told in the status. */
	readonly notices?: readonly string[];
	readonly clock?: Clock;
	/** On this machine, for what the server cannot take now. Absent: nothing is kept. */
	readonly folder?: string;
	/** What is sent goes through it first. */
	readonly guard?: SecretGuard;
}

/** ms: the server may wait for its models. */
const whileModelsWork = 180_000;
/** ms: MCP clients give up after a minute, and the server answers earlier, whatever its models do. */
const saveTimeout = 50_000;
/** ms that the first question of all may take: nobody waits longer to begin. */
const firstPatience = 5000;

/**
 * The memory that somebody has on a team's server, which keeps it, searches it, and asks the models. Nothing of it is on
 * this machine but what waits for it.
 */
export class RemoteMemory extends RemoteReading implements UserMemory {
	readonly #link: TeamLink;
	readonly #guard: SecretGuard;
	readonly #following: Following;
	readonly #outbox: Outbox | undefined;
	readonly review: RemoteReview;
	readonly transfer: RemoteTransfer;
	readonly uses: RemoteUses;
	/** The server's administrator makes them. */
	readonly backups = { files: undefined, before: async () => undefined };
	readonly models = { chat: undefined, embedder: undefined };
	/** The vectors are on the server. */
	readonly closeness = async () => undefined;

	private constructor({
		client,
		log,
		notices = [],
		clock = systemClock,
		folder,
		guard = new SecretGuard(),
	}: RemoteMemoryOptions) {
		const link = new TeamLink(client);
		const { call } = link;
		const outbox = folder === undefined ? undefined : new Outbox({ folder, call, log, clock });
		if (outbox) link.sendFrom(outbox);
		super(link, outbox, notices);
		this.#link = link;
		this.#guard = guard;
		this.#outbox = outbox;
		this.#following = new Following(client, log, clock);
		this.review = new RemoteReview(call, guard);
		this.transfer = new RemoteTransfer(call, guard);
		this.uses = new RemoteUses(call, log, clock);
	}

	/** A server that is away is no reason not to begin: whatever is asked of it then says so. */
	static async open(options: RemoteMemoryOptions): Promise<RemoteMemory> {
		const memory = new RemoteMemory(options);
		await memory.#link.meet({ timeout: firstPatience }).catch((error: unknown) => {
			// Whoever asks for something is told.
			options.log.debug(errorText(error));
		});
		return memory;
	}

	async save(request: SaveRequest): Promise<SaveResult> {
		const { value, note } = await guarded(this.#guard, request);
		return withNote(await this.#save({ ...value, id: randomUUID() }), note);
	}

	async #save(asked: SaveRequest & { readonly id: string }): Promise<SaveResult> {
		try {
			return await this.#link.call("save", [asked], { timeout: saveTimeout });
		} catch (error) {
			// Whose it is has to be known.
			if (!isAway(error) || !this.#outbox || this.userId === "") throw error;
			const kept = await this.#outbox.keep(this.userId, asked);
			this.#following.tell();
			return kept;
		}
	}

	async update(...[id, given, visibility, expected]: UpdateValues): Promise<UpdatedMemory> {
		const { value, note } = await guarded(this.#guard, { text: given });
		const values = [id, value.text, visibility, expected && asRead(expected)];
		return withNote(await this.#link.call("update", values, { timeout: whileModelsWork }), note);
	}

	async change(requests: readonly ChangeRequest[]): Promise<readonly ChangedMemory[]> {
		const checked = await Promise.all(requests.map((request) => guarded(this.#guard, request)));
		const plain = checked.map(({ value }) => ({
			...value,
			expected: value.expected && asRead(value.expected),
		}));
		const changed = await this.#link.call("change", [plain], { timeout: whileModelsWork });
		return changed.map((one, index) => withNote(one, checked[index]?.note));
	}

	/** @param changes as `change` has returned them. */
	async undo(changes: readonly Changed[]): Promise<readonly Changed[]> {
		// What a person was told beside it is no part of it.
		const done = changes.map(({ note: _, ...change }: ChangedMemory) => change);
		return this.#link.call("undo", [done], { timeout: whileModelsWork });
	}

	async delete(id: unknown): Promise<Memory> {
		return theOne(await this.deleteAll([id]), id);
	}

	async deleteAll(ids: readonly unknown[]): Promise<readonly Memory[]> {
		const withdrawn = (await this.#outbox?.withdraw(this.userId, ids)) ?? [];
		if (withdrawn.length > 0) this.#following.tell();
		const rest = ids.filter((id) => !withdrawn.some((memory) => memory.id === id));
		return rest.length === 0 ? withdrawn : [...withdrawn, ...(await this.#link.call("deleteAll", [rest]))];
	}

	async restore(id: unknown): Promise<Memory> {
		return theOne(await this.restoreAll([id]), id);
	}

	async restoreAll(ids: readonly unknown[]): Promise<readonly Memory[]> {
		const back = (await this.#outbox?.putBack(this.userId, ids)) ?? new Map<unknown, Memory>();
		if (back.size > 0) this.#following.tell();
		const rest = ids.filter((id) => !back.has(id as string));
		if (back.size > 0 && rest.length === 0) return [...back.values()];
		return [...back.values(), ...(await this.#link.call("restoreAll", [rest]))];
	}

	async acceptCandidates(
		candidates: readonly Candidate[],
		edited?: EditedFields,
	): Promise<readonly Decided[]> {
		const ids = candidates.map(({ id }) => id);
		const fields = edited && (await guarded(this.#guard, edited)).value;
		return this.#link.call("acceptCandidates", [ids, fields], { timeout: whileModelsWork });
	}

	/** This process asks no model. */
	traffic() {
		const none = { requests: 0, failures: 0 };
		return { chat: none, embedding: none };
	}

	onDidChange(listener: () => void): { dispose(): void } {
		return this.#following.add(listener);
	}

	onDidAsk(): { dispose(): void } {
		return { dispose: () => undefined };
	}

	async findSecrets(): Promise<never> {
		throw this.#doneThere("Secrets in what is kept are looked for");
	}

	async reembed(): Promise<never> {
		throw this.#doneThere("Memories are embedded again");
	}

	async takeOver(): Promise<never> {
		throw this.#doneThere("What waits for another language model is handed over");
	}

	async noticesSeen(): Promise<void> {
		// Its administrator's, too, have to see them.
	}

	startBackgroundWork(): void {
		// The server does it.
	}

	workSoon(): void {
		// The server does it.
	}

	stopWaiting(): void {
		// What was sent is the server's to finish; its answer is still awaited.
	}

	async dispose(): Promise<void> {
		await this.#following.dispose();
		await this.uses.write();
		await this.#outbox?.dispose();
	}

	#doneThere(what: string): InputError {
		return new InputError(
			"server",
			`The memory is on the team's server ${this.#link.url}. ${what} there, by whoever runs it.`,
		);
	}
}

/** Of a memory that somebody has read, only what is compared. */
export function asRead<M extends { readonly text: string; readonly updatedAt: number }>({
	text,
	updatedAt,
}: M) {
	return { text, updatedAt };
}
