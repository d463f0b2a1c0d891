import { createHash, randomUUID } from "node:crypto";
import * as l10n from "@vscode/l10n";
import { EndpointError } from "../../endpoints/endpointError.ts";
import type { Candidate } from "../../store/candidates.ts";
import { StoreError } from "../../store/errors.ts";
import type { Origin, Project } from "../../store/types.ts";
import { queryTerms } from "../../text/terms.ts";
import { plural } from "../../text/wording.ts";
import { errorText } from "../errorText.ts";
import type { MemoryContext } from "../memoryContext.ts";
import type { Distiller } from "../saving/distiller.ts";
import { withoutPrivate } from "../secrets/privateParts.ts";
import { redactSecrets } from "../secrets/secretGuard.ts";
import { type CaptureRequest, waitingCaptures } from "./captureRequests.ts";
import { type Junk, JunkFilter } from "./junk.ts";
import type { ReviewQueue } from "./reviewQueue.ts";
import { type Spoken, spokenIn } from "./spoken.ts";
import { readTranscript } from "./transcripts/readTranscript.ts";

export interface Captured {
	readonly candidates: readonly Candidate[];
	/** Facts of the model that were not proposed, by the reason. */
	readonly dropped: Readonly<Record<Junk, number>>;
}

/** Characters of a user's words that are worth a model's time: some clients tell of an end after each turn. */
const fewWords = 400;
/** Characters that are, where there will be no more. */
const leastWords = 20;
/** Memories and candidates that a fact is compared with. */
const compared = 10;
const waiting = 200;
/** Sessions of which is known how far they were read. */
const mostSessions = 100;
const note = "captured sessions";

/**
 * Looks for facts in sessions of agents and proposes them: nothing becomes a memory before somebody accepts it. What this
 * memory, tools and files have put before the model is not taken for what was said.
 */
export class Capture {
	readonly #context: MemoryContext;
	readonly #distiller: Distiller;
	readonly #review: ReviewQueue;
	readonly #folder: string | undefined;

	/** @param folder of the database, where hooks leave word; absent: nobody wants what they say. */
	constructor(context: MemoryContext, distiller: Distiller, review: ReviewQueue, folder?: string) {
		this.#folder = folder;
		this.#context = context;
		this.#distiller = distiller;
		this.#review = review;
	}

	/**
	 * Proposes what is new in a session since the last time.
	 * @throws Error if the transcript cannot be read; EndpointError if the language model gives no answer, after which the
	 * same part may be captured again; the signal's reason.
	 */
	async capture(request: CaptureRequest, signal: AbortSignal): Promise<Captured> {
		const { transcript, isLast = false } = request;
		const read = this.#readUpTo();
		const key = createHash("sha256").update(transcript).digest("base64url").slice(0, 16);
		const { entries, end } = await readTranscript(transcript, read.get(key));
		const spoken = spokenIn(entries);
		const said = spoken.user.reduce((sum, { length }) => sum + length, 0);
		if (said < (isLast ? leastWords : fewWords)) return nothing;
		const captured = await this.#propose(spoken, request, signal);
		read.delete(key);
		read.set(key, end);
		await this.#context.store.notes.put(note, JSON.stringify([...read].slice(-mostSessions)));
		return captured;
	}

	/** Captures the sessions that hooks have left word of. @throws EndpointError; the signal's reason */
	async captureWaiting(signal: AbortSignal): Promise<void> {
		const { log } = this.#context;
		const waiting = this.#folder === undefined ? [] : await waitingCaptures(this.#folder);
		for (const { request, settle } of waiting) {
			signal.throwIfAborted();
			try {
				const { candidates } = await this.capture(request, signal);
				if (candidates.length > 0)
					log.info(
						plural(
							candidates.length,
							"# fact from a session waits for review.",
							"# facts from a session wait for review.",
						),
					);
			} catch (error) {
				if (signal.aborted || error instanceof EndpointError || error instanceof StoreError) throw error;
				log.warn(`A session was not captured: ${errorText(error)}`);
			}
			await settle();
		}
	}

	async #propose(spoken: Spoken, request: CaptureRequest, signal: AbortSignal): Promise<Captured> {
		const { userId } = this.#context;
		const { project, conversationId } = request;
		// Not of its conversation: what was saved in it is known, and no part of this text.
		const entry = {
			id: randomUUID(),
			text: await withoutSecrets(spoken.dialogue),
			userId,
			createdAt: Date.now(),
			...(project ? { scope: "project" as const, project } : { scope: "global" as const }),
		};
		const { facts } = await this.#distiller.distil(entry, { signal, unattended: true }, () => undefined);
		const filter = new JunkFilter(spoken);
		const dropped = { "not said": 0, shown: 0, known: 0 };
		const texts: string[] = [];
		const proposed = (await this.#review.list({ limit: waiting })).candidates.map(({ text }) => text);
		for (const { text } of facts) {
			const known = [...(await this.#similar(text, project)), ...proposed, ...texts];
			const junk = filter.reasonAgainst(text, known);
			if (junk) dropped[junk] += 1;
			else texts.push(text);
		}
		const origin = originOf(request);
		const passages = await Promise.all(
			texts.map((text) => withoutSecrets(passageOf(text, spoken.user) ?? "")),
		);
		const candidates = await this.#review.propose(
			texts.map((text, index) => ({
				kind: "capture",
				text,
				origin,
				excerpt: passages[index],
				why: l10n.t("Said in a session"),
				scope: entry.scope,
				project,
				conversationId,
			})),
		);
		return { candidates, dropped };
	}

	/** Memories that share words with a fact, hidden ones included: what was superseded is not to come back. */
	async #similar(text: string, project: Project | undefined): Promise<readonly string[]> {
		const { store, userId, patientEmbedder } = this.#context;
		const { terms, onlyStopWords } = queryTerms(text);
		const { vector: { space, values } = {} } = await patientEmbedder.embed(text);
		const { memories } = await store.search.pool({
			terms,
			all: onlyStopWords,
			vector: space && values ? { space, values } : undefined,
			filter: {
				userId,
				global: true,
				projects: project ? [project.id] : [],
				expired: "include",
				superseded: "include",
			},
			each: compared,
			words: 0,
		});
		return memories.map((memory) => memory.text);
	}

	/** By session, the bytes that were read. */
	#readUpTo(): Map<string, number> {
		const kept = this.#context.store.notes.get(note);
		return new Map(kept === undefined ? [] : (JSON.parse(kept) as [string, number][]));
	}
}

const nothing: Captured = { candidates: [], dropped: { "not said": 0, shown: 0, known: 0 } };

/** Whatever the policy for saves: nobody has asked for this one. */
async function withoutSecrets(text: string): Promise<string> {
	return (await redactSecrets(withoutPrivate(text).text)).text;
}

function originOf({ client, clientVersion, project }: CaptureRequest): Origin {
	return {
		how: "capture",
		...(client ? { client } : {}),
		...(clientVersion ? { clientVersion } : {}),
		...(project ? { folder: project.name } : {}),
	};
}

/** The words of the user that a fact shares most with. */
function passageOf(fact: string, said: readonly string[]): string | undefined {
	const words = new Set(queryTerms(fact).terms);
	const shared = (text: string) => new Set(queryTerms(text).terms.filter((term) => words.has(term))).size;
	return said.map((text) => ({ text, n: shared(text) })).sort((one, other) => other.n - one.n)[0]?.text;
}
