import { type Clock, systemClock } from "../config/clock.ts";
import type { EndpointRole } from "../config/endpoints.ts";
import type { Log } from "../config/log.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import { EndpointHealth, type Traffic } from "../endpoints/endpointHealth.ts";
import type { MemoryStore } from "../store/memoryStore.ts";
import type { HistoryEntry, Memory, Project, StoredMemory } from "../store/types.ts";
import { InputError, unknownMemory } from "./errors.ts";
import {
	checkedFilter,
	checkedLimit,
	checkedText,
	decodeCursor,
	encodeCursor,
	maxListLimit,
} from "./input.ts";
import { PatientEmbedder } from "./patientEmbedder.ts";
import type {
	ImportRequest,
	ListRequest,
	ListResult,
	MemoryStatus,
	SaveRequest,
	SaveResult,
	SearchRequest,
	SearchResult,
} from "./requests.ts";
import { BackgroundWork } from "./saving/backgroundWork.ts";
import { Distiller } from "./saving/distiller.ts";
import { DistillSave } from "./saving/distillSave.ts";
import type { Extractor } from "./saving/extraction.ts";
import { Reembedding } from "./saving/reembedding.ts";
import { Saver } from "./saving/saver.ts";
import { Searcher, withoutSeq } from "./searching/searcher.ts";

export interface MemoryServiceOptions {
	readonly store: MemoryStore;
	readonly embedder: Embedder;
	/** The language model that distils facts, and the loader of mem0ai; absent: memories keep the text word for word. */
	readonly distillation?:
		| {
				readonly chat: ChatModel;
				/** Tokens, if configured: a text that was too long for a smaller context is tried again. */
				readonly contextLength?: number | undefined;
				readonly loadExtractor: () => Promise<Extractor>;
		  }
		| undefined;
	/** How the models do; their clients record the requests in it. */
	readonly health?: Readonly<Record<EndpointRole, EndpointHealth>> | undefined;
	readonly userId: string;
	readonly log: Log;
	readonly clock?: Clock | undefined;
	/** Messages for the user from opening the store. */
	readonly notices?: readonly string[];
}

/** How long, in ms, calibration of a model waits after its first answer: people's requests come first. */
const calibrationDelay = 5000;

/** The memory of one user. All methods throw InputError and StoreError. */
export class MemoryService {
	readonly #store: MemoryStore;
	readonly #embedder: Embedder;
	readonly #chat: ChatModel | undefined;
	readonly #userId: string;
	readonly #notices: readonly string[];
	readonly #background: BackgroundWork;
	readonly #patient: PatientEmbedder;
	readonly #saver: Saver;
	readonly #searcher: Searcher;
	readonly #health: Readonly<Record<EndpointRole, EndpointHealth>>;
	#disposed: Promise<void> | undefined;
	/** Moves the memories into the space of another embedding model. */
	readonly reembedding: Reembedding;

	constructor(options: MemoryServiceOptions) {
		const { store, embedder, distillation, health, userId, log, clock = systemClock } = options;
		const common = { store, log, clock };
		this.#store = store;
		this.#health = health ?? { chat: new EndpointHealth(), embedding: new EndpointHealth() };
		this.#embedder = embedder;
		this.#chat = distillation?.chat;
		this.#userId = userId;
		this.#notices = options.notices ?? [];
		const { chat: chatHealth, embedding: embeddingHealth } = this.#health;
		const patient = new PatientEmbedder(embedder, log, embeddingHealth, () =>
			this.#background.soon(calibrationDelay),
		);
		this.#patient = patient;
		const distiller = distillation && new Distiller({ ...distillation, embedder: patient, store, log });
		const formation =
			distillation && distiller
				? new DistillSave({
						...common,
						distiller,
						model: distillation.chat.description,
						triedWith: [distillation.chat.description, distillation.contextLength ?? []].flat().join(", "),
						health: chatHealth,
					})
				: undefined;
		const background = new BackgroundWork({ ...common, embedder, embeddingHealth, formation, distiller });
		this.#background = background;
		this.#saver = new Saver({ store, embedder: patient, userId, background, formation, log });
		this.#searcher = new Searcher({ store, embedder: patient, userId });
		this.reembedding = new Reembedding({ store, embedder, background });
	}

	/** Finishes what earlier processes left undone, and keeps checking for such work. */
	startBackgroundWork(): void {
		this.#background.start();
	}

	/** Retries pending work soon, because what it waited for may be available now. */
	workSoon(): void {
		this.#background.soon();
	}

	/** Commits the text first, then turns it into memories; resolves after reading them back from the store. */
	save(request: SaveRequest): Promise<SaveResult> {
		return this.#saver.save(request);
	}

	/**
	 * Adds many memories in one transaction, without a language model. Embeds them first; failed embeddings follow later.
	 * @throws InputError for the first invalid request, before storing anything; `checkedMemory` checks a single one.
	 */
	importAll(requests: readonly ImportRequest[]): Promise<readonly ("ADD" | "DUPLICATE")[]> {
		return this.#saver.importAll(requests);
	}

	/** Memories that answer the query, by meaning and by words. */
	search(request: SearchRequest): Promise<SearchResult> {
		return this.#saver.tracked(this.#searcher.search(request));
	}

	async list(request: ListRequest = {}): Promise<ListResult> {
		const limit = checkedLimit(request.limit ?? 50, maxListLimit);
		const filter = checkedFilter(this.#userId, request);
		const page = await this.#store.memories.list(filter, limit, decodeCursor(request.cursor));
		return {
			memories: page.memories.map(withoutSeq),
			total: page.total,
			...(page.next ? { nextCursor: encodeCursor(page.next) } : {}),
		};
	}

	async get(id: unknown): Promise<Memory> {
		return withoutSeq(await this.#get(id));
	}

	/** The text as it was saved, if a language model distilled something else from it. */
	async savedText(id: unknown): Promise<string | undefined> {
		const { text, saveId } = await this.#get(id);
		const saved = saveId === undefined ? undefined : await this.#store.saves.savedText(saveId);
		return saved === text ? undefined : saved;
	}

	/** The names a memory mentions, found by mem0ai. */
	async entities(id: unknown): Promise<readonly string[]> {
		const entities = await this.#store.memories.entities(await this.#get(id));
		return entities.map(({ text }) => text);
	}

	update(id: unknown, newText: unknown): Promise<Memory> {
		return this.#saver.tracked(this.#update(id, newText));
	}

	async #update(id: unknown, newText: unknown): Promise<Memory> {
		const text = checkedText(newText);
		const old = await this.#get(id);
		const { vector, problem } = await this.#patient.embed(text);
		const updated = await this.#store.memories.update(old.id, this.#userId, text, vector);
		if (!updated) throw unknownMemory(old.id);
		if (problem || this.#chat) this.#background.soon();
		return this.get(old.id);
	}

	/** @returns the memory as it was. It can be restored until it is purged. */
	async delete(id: unknown): Promise<Memory> {
		const deleted = await this.#saver.tracked(this.#store.memories.delete(checkedId(id), this.#userId));
		if (!deleted) throw unknownMemory(checkedId(id));
		return withoutSeq(deleted);
	}

	async restore(id: unknown): Promise<Memory> {
		const restored = await this.#saver.tracked(this.#store.memories.restore(checkedId(id), this.#userId));
		if (!restored) throw unknownMemory(checkedId(id));
		this.#background.soon();
		return withoutSeq(restored);
	}

	/** Oldest first. Deleted memories have one too. */
	async history(id: unknown): Promise<readonly HistoryEntry[]> {
		const entries = await this.#store.memories.history(checkedId(id), this.#userId);
		if (entries.length === 0) throw unknownMemory(checkedId(id));
		return entries;
	}

	async status(project?: Project): Promise<MemoryStatus> {
		const { memories, spaces, distillation, location } = this.#store;
		const { space, description, origin } = this.#embedder;
		const [counts, { missing, older }, { pending, givenUp, problem }] = await Promise.all([
			memories.counts(this.#userId, project),
			spaces.progress(space),
			distillation.state(),
		]);
		return {
			database: location,
			userId: this.#userId,
			llm: this.#chat && {
				description: this.#chat.description,
				origin: this.#chat.origin,
				...this.#health.chat.status(this.#chat.problem ?? (pending > 0 ? problem : undefined)),
			},
			embedding: {
				description,
				origin,
				space,
				...this.#health.embedding.status(this.#embedder.problem),
			},
			counts,
			// Without a language model, saves do not wait for distilling.
			pending: { distillation: this.#chat ? pending : 0, embedding: missing },
			keptAsText: givenUp,
			outsideSpace: older,
			notices: this.#notices,
		};
	}

	/** Calls back when this or another process changes memories, at most a second late. */
	onDidChange(listener: () => void): { dispose(): void } {
		return this.#store.onDidChange(listener);
	}

	/** The requests of this process to the endpoints. */
	traffic(): Readonly<Record<EndpointRole, Traffic>> {
		return { chat: this.#health.chat.traffic, embedding: this.#health.embedding.traffic };
	}

	/** Calls back after every request to an endpoint. */
	onDidAsk(listener: () => void): { dispose(): void } {
		const watched = [this.#health.chat, this.#health.embedding].map((each) => each.onDidRecord(listener));
		return {
			dispose: () => {
				for (const each of watched) each.dispose();
			},
		};
	}

	/** Aborts requests to models, finishes saves and updates under way, then closes everything. */
	dispose(): Promise<void> {
		this.#disposed ??= this.#dispose();
		return this.#disposed;
	}

	async #dispose(): Promise<void> {
		this.#patient.stop();
		await this.#saver.dispose();
		await this.#background.dispose();
		await this.#embedder.dispose();
		await this.#store.close();
	}

	async #get(id: unknown): Promise<StoredMemory> {
		const memory = await this.#store.memories.get(checkedId(id), this.#userId);
		if (!memory) throw unknownMemory(checkedId(id));
		return memory;
	}
}

function checkedId(id: unknown): string {
	if (typeof id === "string" && id.trim() !== "") return id.trim();
	throw new InputError("id", "The id is missing. Take one from search_memories or get_all_memories.");
}
