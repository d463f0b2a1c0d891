import { systemClock } from "../config/clock.ts";
import type { EndpointRole } from "../config/endpoints.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import { EndpointHealth, type Traffic } from "../endpoints/endpointHealth.ts";
import type { Candidate } from "../store/candidates.ts";
import type { Changed, HistoryEntry } from "../store/changes.ts";
import type { DeletedPage, GroupedBy, GroupPage, Position } from "../store/lists.ts";
import type { Memory, Project, StoredMemory } from "../store/types.ts";
import type { DayTraffic } from "../store/usage.ts";
import { Administration } from "./access/administration.ts";
import { bulk, MemoryBackups } from "./backups/memoryBackups.ts";
import { type ChangedMemory, type ChangeRequest, Changer } from "./changing.ts";
import { Capture } from "./curating/capture.ts";
import { type Closeness, knownCloseness } from "./curating/closeness.ts";
import { acceptCandidates, type EditedFields } from "./curating/decisions.ts";
import { ReviewQueue } from "./curating/reviewQueue.ts";
import { checkedId } from "./input.ts";
import { listMemories } from "./listMemories.ts";
import type { MemoryContext } from "./memoryContext.ts";
import { memoryGroups } from "./memoryGroups.ts";
import type { MemoryServiceOptions } from "./memoryServiceOptions.ts";
import { memoryStatus } from "./memoryStatus.ts";
import { PatientEmbedder } from "./patientEmbedder.ts";
import { entitiesOf, historyOf, readMemory, savedTextOf, theOne } from "./readMemory.ts";
import type {
	ListRequest,
	ListResult,
	MemoryStatus,
	SaveRequest,
	SaveResult,
	SearchRequest,
	SearchResult,
	UpdatedMemory,
} from "./requests.ts";
import { BackgroundWork } from "./saving/backgroundWork.ts";
import { Distiller } from "./saving/distiller.ts";
import { DistillSave } from "./saving/distillSave.ts";
import { type ReembedProgress, type ReembedResult, reembed } from "./saving/reembed.ts";
import { Saver } from "./saving/saver.ts";
import { Searcher, withoutSeq } from "./searching/searcher.ts";
import { type KeptSecrets, lookForSecrets } from "./secrets/keptSecrets.ts";
import { SecretGuard } from "./secrets/secretGuard.ts";
import { type TrafficLog, watchRequests } from "./traffic.ts";
import { Transfer } from "./transfer/transfer.ts";
import { type UpdateValues, updateMemory } from "./updating.ts";
import { UsageLog } from "./usageLog.ts";

/** How long, in ms, calibration of a model waits after its first answer: people's requests come first. */
const calibrationDelay = 5000;

/** The memory of one user. All methods throw InputError and StoreError. */
export class MemoryService {
	readonly #context: MemoryContext;
	readonly #chat: ChatModel | undefined;
	readonly #traffic: TrafficLog | undefined;
	readonly #told: { readonly place: string | undefined; readonly notices: readonly string[] };
	readonly #background: BackgroundWork;
	readonly #saver: Saver;
	readonly #searcher: Searcher;
	readonly #changer: Changer;
	readonly transfer: Transfer;
	readonly review: ReviewQueue;
	/** Looks for facts in sessions of agents; absent without a language model. */
	readonly capture: Capture | undefined;
	readonly closeness: Closeness;
	readonly uses: UsageLog;
	/** For administrators of a team. */
	readonly administration: Administration;
	readonly backups: MemoryBackups;
	readonly #borrowed: boolean;
	readonly #following: { dispose(): void } | undefined;
	#disposed: Promise<void> | undefined;

	constructor(options: MemoryServiceOptions) {
		const { store, embedder, distillation, userId, log, clock = systemClock } = options;
		const health = options.health ?? { chat: new EndpointHealth(), embedding: new EndpointHealth() };
		const patientEmbedder = new PatientEmbedder(embedder, log, health.embedding, () =>
			this.#background.soon(calibrationDelay),
		);
		const guard = new SecretGuard(options.secrets?.policy, options.secrets?.ask);
		const { team = false, reviews = false, actor = { userId, admin: false } } = options;
		const asker = { userId, actor, team, reviews };
		const context = { store, embedder, patientEmbedder, health, guard, ...asker, log, clock };
		const { chat, contextLength, loadExtractor } = distillation ?? {};
		const distiller = chat && loadExtractor && new Distiller(context, chat, loadExtractor);
		const distillSave = distiller && new DistillSave(context, distiller, chat.description, contextLength);
		this.#context = context;
		this.#following = options.follow?.(({ team, actor }) => Object.assign(context, { team, actor }));
		this.administration = new Administration(context);
		this.#chat = chat;
		this.#traffic = options.traffic;
		this.#borrowed = options.borrowed ?? false;
		this.#told = { place: options.place, notices: options.notices ?? [] };
		this.backups = new MemoryBackups(options.backups, log, clock);
		this.#background = new BackgroundWork(context, distiller, distillSave, {
			capture: async (signal) => this.capture?.captureWaiting(signal),
			backUp: () => this.backups.makeDue(),
		});
		const soon = () => this.#background.soon();
		this.#saver = new Saver(context, this.#background, distillSave);
		this.#searcher = new Searcher(context);
		this.#changer = new Changer(context, (needsWork) => void ((needsWork || chat) && soon()));
		this.review = new ReviewQueue(context, (work) => this.#saver.tracked(work), soon);
		this.closeness = knownCloseness(context);
		this.capture = distiller && new Capture(context, distiller, this.review, options.capturesIn);
		this.transfer = new Transfer(context, this.#saver, this.#background, this.review);
		this.uses = new UsageLog({ ...options, asker: context, usage: store.usage, clock });
	}

	get userId(): string {
		return this.#context.userId;
	}

	/** Whether others share memories with the user. */
	get isTeam(): boolean {
		return this.#context.team;
	}

	/** What this process asks for others, see endpoints/lending. */
	get models(): { readonly chat: ChatModel | undefined; readonly embedder: Embedder } {
		return { chat: this.#chat, embedder: this.#context.embedder };
	}

	/** Finishes what earlier processes left undone, and keeps checking for such work. */
	startBackgroundWork(): void {
		this.#background.start();
	}

	/** Retries pending work soon: what it waited for may be there. */
	workSoon(): void {
		this.#background.soon();
	}

	/** Commits the text first, then turns it into memories; resolves after reading them back from the store. */
	save(request: SaveRequest): Promise<SaveResult> {
		return this.#saver.save(request);
	}

	/**
	 * Moves all memories into the space of the configured embedding model; see saving/reembed.ts.
	 * @param signal cancels it.
	 */
	reembed(
		report: (progress: ReembedProgress) => void = () => undefined,
		signal: AbortSignal = new AbortController().signal,
	): Promise<ReembedResult> {
		return reembed(this.#context, this.#background, report, signal);
	}

	/** See BackgroundWork.takeOver; those that could not be distilled now are pending. */
	takeOver(signal?: AbortSignal): Promise<number> {
		return this.#background.takeOver(signal);
	}

	/** Memories that answer the query, by meaning and by words. */
	search(request: SearchRequest): Promise<SearchResult> {
		return this.#saver.tracked(this.#searcher.search(request));
	}

	list(request: ListRequest = {}): Promise<ListResult> {
		return listMemories(this.#context, request);
	}

	/** The memories by what they have in common, with the number of each. @param project the one that the caller is in. */
	groups(by: GroupedBy, limit: number, after?: string, project?: Project): Promise<GroupPage> {
		return memoryGroups(this.#context, by, limit, after, project);
	}

	/** Memories that can be restored, the last deleted first. */
	deleted(limit: number, after?: Position): Promise<DeletedPage> {
		return this.#context.store.memories.deleted(this.#context.userId, limit, after);
	}

	async get(id: unknown): Promise<Memory> {
		return withoutSeq(await this.#get(id));
	}

	/** The text as it was saved, if a language model distilled something else from it; for its author alone. */
	async savedText(id: unknown): Promise<string | undefined> {
		return savedTextOf(this.#context, await this.#get(id));
	}

	async entities(id: unknown): Promise<readonly string[]> {
		return entitiesOf(this.#context, await this.#get(id));
	}

	/** @param visibility who finds it in a team, where whoever may not change it proposes the text to its author. */
	update(...[id, text, visibility, expected]: UpdateValues): Promise<UpdatedMemory> {
		return updateMemory({ id, text, visibility, expected }, (requests) => this.change(requests), this.review);
	}

	/**
	 * Changes texts and fields of memories: of all or none. `undo` takes it back.
	 * @throws ConflictError
	 */
	async change(requests: readonly ChangeRequest[]): Promise<readonly ChangedMemory[]> {
		if (requests.length >= bulk) await this.backups.before("change");
		return this.#saver.tracked(this.#changer.change(requests));
	}

	/** @throws ConflictError if somebody has changed a memory since. */
	undo(changes: readonly Changed[]): Promise<readonly Changed[]> {
		return this.#saver.tracked(this.#changer.undo(changes));
	}

	/** @returns the memory as it was. It can be restored until it is purged. */
	async delete(id: unknown): Promise<Memory> {
		return theOne(await this.deleteAll([id]), id);
	}

	/** @returns the memories as they were, without those that are gone already. */
	async deleteAll(ids: readonly unknown[]): Promise<readonly Memory[]> {
		if (ids.length >= bulk) await this.backups.before("change");
		return (await this.#saver.tracked(this.#changer.delete(ids))).map(withoutSeq);
	}

	async restore(id: unknown): Promise<Memory> {
		return theOne(await this.restoreAll([id]), id);
	}

	/** @returns the memories, without those that cannot be restored. */
	async restoreAll(ids: readonly unknown[]): Promise<readonly Memory[]> {
		return (await this.#saver.tracked(this.#changer.restore(ids))).map(withoutSeq);
	}

	/** Oldest first. Deleted memories have one too. Of another's memory, since it was shared. */
	history(id: unknown): Promise<readonly HistoryEntry[]> {
		return historyOf(this.#context, this.administration, checkedId(id));
	}

	/** Does what candidates propose, or what a person made of it; see curating/decisions.ts. */
	async acceptCandidates(candidates: readonly Candidate[], edited?: EditedFields) {
		return acceptCandidates(this, candidates, edited && (await this.#context.guard.memory(edited)).value);
	}

	/** Looks for secrets in everything that the memory keeps, history and journal included. */
	findSecrets(report: (texts: number) => void, signal: AbortSignal): Promise<KeptSecrets> {
		return this.#saver.tracked(lookForSecrets(this.#context, report, signal));
	}

	status(project?: Project): Promise<MemoryStatus> {
		const { state: notEmbedded } = this.#background.failedTexts;
		return memoryStatus(this.#context, this.#chat, { ...this.#told, notEmbedded }, project);
	}

	/** Somebody has seen what the status tells of the database; no process tells it any more. */
	noticesSeen(): Promise<void> {
		return this.#context.store.notices.seen();
	}

	/** Calls back when this or another process changes memories, at most a second late. */
	onDidChange(listener: () => void): { dispose(): void } {
		return this.#context.store.onDidChange(listener);
	}

	/** The requests of this process to the endpoints. */
	traffic(): Readonly<Record<EndpointRole, Traffic>> {
		return { chat: this.#context.health.chat.traffic, embedding: this.#context.health.embedding.traffic };
	}

	/** The requests of all processes to the models, on the last days, today included; newest first. */
	async usage(days: number): Promise<readonly DayTraffic[]> {
		return (await this.#traffic?.ofDays(days)) ?? [];
	}

	/** Calls back after every request to an endpoint. */
	onDidAsk(listener: () => void): { dispose(): void } {
		return watchRequests(this.#context.health, listener);
	}

	/** The process is about to end: from now on, what would wait for a model is answered without it. */
	stopWaiting(): void {
		this.#context.patientEmbedder.stop();
		this.#saver.stopWaiting();
	}

	/** Aborts requests to models, finishes saves and updates under way, then closes everything. */
	dispose(): Promise<void> {
		this.#disposed ??= this.#dispose();
		return this.#disposed;
	}

	async #dispose(): Promise<void> {
		this.#following?.dispose();
		this.stopWaiting();
		await this.#saver.dispose();
		await this.#background.dispose();
		await this.uses.write();
		if (this.#borrowed) return;
		await Promise.all([this.#context.embedder.dispose(), this.#traffic?.write()]);
		await this.#context.store.close();
	}

	#get(id: unknown): Promise<StoredMemory> {
		return readMemory(this.#context, this.administration, checkedId(id));
	}
}
