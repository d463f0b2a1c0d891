import type { EndpointRole } from "../config/endpoints.ts";
import type { Log } from "../config/log.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import { EndpointHealth, type Traffic } from "../endpoints/endpointHealth.ts";
import type { HistoryEntry, Memory, MemoryStore, Project, Scope } from "../store/memoryStore.ts";
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
	/** The language model that distils facts, and what loads mem0ai for it; absent: texts are kept word for word. */
	readonly distillation?:
		| {
				readonly chat: ChatModel;
				/** Tokens, where it is configured: a text that was too long for a smaller one is tried again. */
				readonly contextLength?: number | undefined;
				readonly loadExtractor: () => Promise<Extractor>;
		  }
		| undefined;
	/** How the models do; their clients record the requests in it. */
	readonly health?: Readonly<Record<EndpointRole, EndpointHealth>> | undefined;
	readonly userId: string;
	readonly log: Log;
	/** What happened on opening the store that people should know. */
	readonly notices?: readonly string[];
}

/** ms after a model's first answer before it is measured: what people wait for comes first. */
const calibrationDelay = 5000;

/** Saves, finds and keeps memories of one user. All methods throw InputError and StoreError. */
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
	/** Moving the memories into the space of another embedding model. */
	readonly reembedding: Reembedding;

	constructor({ store, embedder, distillation, health, userId, log, notices = [] }: MemoryServiceOptions) {
		this.#store = store;
		this.#health = health ?? { chat: new EndpointHealth(), embedding: new EndpointHealth() };
		this.#embedder = embedder;
		this.#chat = distillation?.chat;
		this.#userId = userId;
		this.#notices = notices;
		const { chat: chatHealth, embedding: embeddingHealth } = this.#health;
		const patient = new PatientEmbedder(embedder, log, embeddingHealth, () =>
			this.#background.soon(calibrationDelay),
		);
		this.#patient = patient;
		const distiller = distillation && new Distiller({ ...distillation, embedder: patient, store, log });
		const formation =
			distillation && distiller
				? new DistillSave({
						store,
						distiller,
						model: distillation.chat.description,
						triedWith: [distillation.chat.description, distillation.contextLength ?? []].flat().join(", "),
						health: chatHealth,
						log,
					})
				: undefined;
		const background = new BackgroundWork({ store, embedder, embeddingHealth, formation, distiller, log });
		this.#background = background;
		this.#saver = new Saver({ store, embedder: patient, userId, background, formation, log });
		this.#searcher = new Searcher({ store, embedder: patient, userId });
		this.reembedding = new Reembedding({ store, embedder, background });
	}

	/** Begins to finish what earlier processes left undone, and goes on looking for such work. */
	startBackgroundWork(): void {
		this.#background.start();
	}

	/** Something that pending work waited for may be there now. */
	workSoon(): void {
		this.#background.soon();
	}

	/** Commits the text first, then makes memories of it; answers when they have been read back from the store. */
	save(request: SaveRequest): Promise<SaveResult> {
		return this.#saver.save(request);
	}

	/**
	 * Many memories at once, in one transaction, none of them through a language model. Their vectors are made first;
	 * those that cannot be made follow later.
	 * @throws InputError for the first request that is not valid, before anything is stored: check them one by one with `checkedDraft`.
	 */
	importAll(requests: readonly ImportRequest[]): Promise<readonly ("ADD" | "DUPLICATE")[]> {
		return this.#saver.importAll(requests);
	}

	/** Memories that answer the query, by meaning and by words. */
	search(request: SearchRequest): Promise<SearchResult> {
		return this.#saver.tracked(this.#searcher.search(request));
	}

	list(request: ListRequest = {}): ListResult {
		const limit = checkedLimit(request.limit ?? 50, maxListLimit);
		const page = this.#store.memories.list(
			checkedFilter(this.#userId, request),
			limit,
			decodeCursor(request.cursor),
		);
		return {
			memories: page.memories.map(withoutSeq),
			total: page.total,
			...(page.next ? { nextCursor: encodeCursor(page.next) } : {}),
		};
	}

	get(id: unknown): Memory {
		return withoutSeq(this.#get(id));
	}

	/** What was said when the memory was saved, where a language model has made something else of it. */
	savedText(id: unknown): string | undefined {
		const { text, saveId } = this.#get(id);
		const saved = saveId === undefined ? undefined : this.#store.journal.text(saveId);
		return saved === text ? undefined : saved;
	}

	/** The names a memory mentions, as mem0ai has found them. */
	entities(id: unknown): readonly string[] {
		return this.#store.distillations.entities(this.#get(id)).map(({ text }) => text);
	}

	update(id: unknown, newText: unknown): Promise<Memory> {
		return this.#saver.tracked(this.#update(id, newText));
	}

	async #update(id: unknown, newText: unknown): Promise<Memory> {
		const text = checkedText(newText);
		const old = this.#get(id);
		const { vector, problem } = await this.#patient.embed(text);
		const updated = await this.#store.memories.update(old.id, this.#userId, text, vector);
		if (!updated) throw unknownMemory(old.id);
		if (problem || this.#chat) this.#background.soon();
		return this.get(old.id);
	}

	/** Answers the memory as it was. It can be restored until it is purged. */
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

	/** Oldest first; also that of a deleted memory. */
	history(id: unknown): readonly HistoryEntry[] {
		const entries = this.#store.memories.history(checkedId(id), this.#userId);
		if (entries.length === 0) throw unknownMemory(checkedId(id));
		return entries;
	}

	status(project?: Project): MemoryStatus {
		const count = (scope: Scope | "all") =>
			this.#store.memories.count(checkedFilter(this.#userId, { scope, project }));
		const { vectors, distillations, path } = this.#store;
		const { space, description, origin } = this.#embedder;
		const { pending, givenUp, problem } = distillations.counts();
		return {
			database: path,
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
			counts: { all: count("all"), global: count("global"), project: project ? count("project") : 0 },
			// Without a language model texts stay as they are, until there is one again.
			pending: {
				distillation: this.#chat ? pending : 0,
				embedding: space ? vectors.countMissing(space) : vectors.countUnembedded(),
			},
			keptAsText: givenUp,
			outsideSpace: vectors.countOlder(space),
			notices: this.#notices,
		};
	}

	/** Calls back when memories have changed, here or in another process, at most a second late. */
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

	/** Calls off what waits for a model, finishes saves and updates under way, then closes everything. */
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

	#get(id: unknown) {
		const memory = this.#store.memories.get(checkedId(id), this.#userId);
		if (!memory) throw unknownMemory(checkedId(id));
		return memory;
	}
}

function checkedId(id: unknown): string {
	if (typeof id === "string" && id.trim() !== "") return id.trim();
	throw new InputError("id", "The id is missing. Take one from search_memories or get_all_memories.");
}
