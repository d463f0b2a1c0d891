import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as l10n from "@vscode/l10n";
import type { Clock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import { StoreError } from "../../store/errors.ts";
import type { Memory } from "../../store/types.ts";
import { contentTerms } from "../../text/terms.ts";
import { visibilityOfNew } from "../access/sharing.ts";
import { InputError } from "../errors.ts";
import { errorText } from "../errorText.ts";
import type { FilterRequest } from "../input.ts";
import { keptHereNote } from "../keptHere.ts";
import { checkedMemory, type FoundMemory, type SaveRequest, type SaveResult } from "../requests.ts";
import { saveIdOf } from "../saving/saveId.ts";
import { isAskedFor, memoryOf } from "./keptMemories.ts";
import { type KeptSave, KeptSaves, type Withdrawn } from "./keptSaves.ts";
import type { TeamClient } from "./teamClient.ts";

export interface OutboxOptions {
	/** Of this server, on this machine. */
	readonly folder: string;
	readonly call: TeamClient["call"];
	readonly log: Log;
	readonly clock: Clock;
}

/** ms until what waits is sent again; doubled while that fails. */
const firstPause = 2000;
const longestPause = 60_000;
/** ms a delivery may take: the server may wait for its models. */
const deliveryTimeout = 60_000;
/** Saves in a row that the server could not take, after which the others wait, too. */
const mostFailures = 3;
/** The part of a query's words from which on a save that has them is likelier to answer it than not. */
const likely = 0.6;

/** Whose rights do not matter here. */
const asker = { team: true, reviews: false, actor: { userId: "", admin: false } };

/** Whether a server that is away, rather than what was sent, is to blame. */
export function isAway(error: unknown): error is StoreError {
	return error instanceof StoreError && (error.kind === "unreachable" || error.kind === "busy");
}

/** For what goes on without an answer of a server that is away. */
export function ifAway<T>(instead: T): (error: unknown) => T {
	return (error) => {
		if (!isAway(error)) throw error;
		return instead;
	};
}

/**
 * Saves that a team's server could not take: they stay on this machine, are found here, and reach the server once it is
 * back, in their order. Each has the id with which it was sent, so that one whose answer was lost is not saved twice.
 */
export class Outbox {
	readonly #options: OutboxOptions;
	readonly #saves: KeptSaves;
	readonly #unreadable = new Set<string>();
	#delivering: Promise<void> | undefined;
	#pause = firstPause;
	#cancel: (() => void) | undefined;
	#disposed = false;

	constructor(options: OutboxOptions) {
		this.#options = options;
		this.#saves = new KeptSaves(options.folder);
	}

	/** Remembers who has which token, to know them also before the server has answered. */
	async met(userId: string, tokenMark: string): Promise<void> {
		const { folder, log } = this.#options;
		try {
			if ((await this.whoHas(tokenMark)) === userId) return;
			await mkdir(folder, { recursive: true, mode: 0o700 });
			await writeFile(this.#userFile(tokenMark), userId, { mode: 0o600 });
		} catch (error) {
			log.debug(`Who the user is could not be noted: ${errorText(error)}`);
		}
	}

	/** Undefined for a token with which the server has never answered here. */
	async whoHas(tokenMark: string): Promise<string | undefined> {
		return readFile(this.#userFile(tokenMark), "utf8").catch(() => undefined);
	}

	/**
	 * @param request with an id.
	 * @throws InputError, as the server would.
	 */
	async keep(userId: string, request: SaveRequest & { readonly id: string }): Promise<SaveResult> {
		const { clock } = this.#options;
		const checked = checkedMemory(userId, request);
		// It would be refused later, when nobody sees it.
		visibilityOfNew({ ...asker, userId }, request.visibility, checked.project);
		await this.#saves.keep({ id: request.id, userId, at: clock.now(), request }).catch((error: unknown) => {
			const { folder } = this.#options;
			const message = `The team's server is away, and ${folder}, where the save would wait for it, cannot be written: ${errorText(error)} Nothing was saved.`;
			throw new StoreError("failed", folder, message, error);
		});
		this.#later(userId);
		const note = keptHereNote([{ keptHere: true }]);
		return {
			memories: [{ id: request.id, text: checked.text, event: "ADD" }],
			mode: "verbatim",
			pending: [],
			keptHere: true,
			...(note === undefined ? {} : { note }),
		};
	}

	/** What waits of a user, the newest first, as far as a request asks for it. */
	async memories(userId: string, request: FilterRequest = { scope: "all" }): Promise<readonly Memory[]> {
		const mine = (await this.#all()).filter((save) => save.userId === userId);
		return mine
			.map(memoryOf)
			.filter((memory) => isAskedFor(memory, request))
			.reverse();
	}

	/** Those of them that have words of a query, the best first. */
	async search(userId: string, query: string, request: FilterRequest): Promise<readonly FoundMemory[]> {
		const terms = contentTerms(query);
		const memories = await this.memories(userId, request);
		return memories
			.map((memory) => {
				const own = new Set(contentTerms(memory.text));
				const score = terms.filter((term) => own.has(term)).length / Math.max(1, terms.length);
				return { ...memory, score, ...(score < likely ? { weak: true } : {}) };
			})
			.filter(({ score }) => score > 0)
			.sort((one, other) => other.score - one.score);
	}

	async waiting(): Promise<number> {
		return (await this.#all()).length;
	}

	/** That others have left here, who used the same server. */
	async noticesFor(userId: string): Promise<readonly string[]> {
		const others = new Set((await this.#all()).map((save) => save.userId).filter((each) => each !== userId));
		return [...others].map((other) =>
			l10n.t(
				"Saves of {0} wait on this machine for the team's server. They reach it when {0} uses it here.",
				other,
			),
		);
	}

	/** Takes back what waits. @returns the memories; those that have been delivered are not among them. */
	async withdraw(userId: string, ids: readonly unknown[]): Promise<readonly Memory[]> {
		const mine = (await this.#all()).filter((save) => save.userId === userId && ids.includes(save.id));
		const withdrawn: Memory[] = [];
		for (const save of mine) if (await this.#saves.withdraw(save)) withdrawn.push(memoryOf(save));
		if (withdrawn.length > 0) this.#later(userId);
		return withdrawn;
	}

	/** Lets wait again what this process has taken back. @returns the memories by the ids they had. */
	async putBack(userId: string, ids: readonly unknown[]): Promise<ReadonlyMap<string, Memory>> {
		await this.#delivering; // What is taken back on the server just now is not to be sent under the same id.
		const back = await this.#saves.putBack(userId, ids);
		if (back.size > 0) this.#later(userId);
		return new Map([...back].map(([id, save]) => [id, memoryOf(save)]));
	}

	/** Sends what waits of a user, oldest first, until the server is away again. */
	deliver(userId: string): Promise<void> {
		this.#delivering ??= this.#deliver(userId).finally(() => {
			this.#delivering = undefined;
		});
		return this.#delivering;
	}

	async #deliver(userId: string): Promise<void> {
		this.#cancel?.();
		this.#cancel = undefined;
		try {
			await this.#saves.sweep();
			const failure = await this.#sendAll(userId);
			if (failure === undefined) return;
			this.#options.log.debug(`Saves still wait for the team's server: ${errorText(failure)}`);
		} catch (error) {
			this.#options.log.debug(`Saves still wait for the team's server: ${errorText(error)}`);
		}
		this.#pause = Math.min(2 * this.#pause, longestPause);
		this.#later(userId);
	}

	/** @returns why some of them have to wait on. @throws what keeps all of them waiting. */
	async #sendAll(userId: string): Promise<unknown> {
		const { call } = this.#options;
		const mine = (await this.#all()).filter((save) => save.userId === userId);
		const taken = await this.#saves.withdrawn(this.#unread);
		if (mine.length === 0 && taken.length === 0) return undefined;
		// The token may be another's by now.
		if ((await call("about", [])).userId !== userId) return undefined;
		const failures: unknown[] = [];
		for (const save of mine) {
			if (this.#disposed) break;
			const failure = await this.#send(save);
			if (failure !== undefined) failures.push(failure);
			// It is not these saves.
			if (failures.length >= mostFailures) break;
		}
		for (const each of await this.#saves.withdrawn(this.#unread))
			if (each.userId === userId) await this.#takeBack(each);
		return failures[0];
	}

	/** @returns why the server could not take it, though it may take others. @throws why it takes none. */
	async #send(save: KeptSave): Promise<unknown> {
		const { call, log } = this.#options;
		try {
			await call("save", [{ ...save.request, id: save.id }], { timeout: deliveryTimeout });
			this.#pause = firstPause;
		} catch (error) {
			if (isAway(error) || (error instanceof StoreError && error.kind === "refused")) throw error;
			if (!(error instanceof InputError)) return error;
			// It never will. The text is not lost.
			const path = await this.#saves.setAside(save);
			log.warn(`The team's server does not take what waited for it: ${error.message} It is kept in ${path}.`);
			return undefined;
		}
		await this.#saves.forget(save);
		return undefined;
	}

	/** It may have reached the server, though no answer came; its facts have other ids by now. */
	async #takeBack(withdrawn: Withdrawn): Promise<void> {
		const { call } = this.#options;
		const { id, userId } = withdrawn;
		const request = { scope: "all", saveId: saveIdOf(userId, id), expired: "include", total: false };
		const { memories } = await call("list", [request]);
		const ids = memories.filter((memory) => memory.userId === userId).map((memory) => memory.id);
		await call("deleteAll", [[...new Set([id, ...ids])]]);
		await this.#saves.forgetWithdrawn(withdrawn);
	}

	#later(userId: string): void {
		if (this.#disposed) return;
		this.#cancel ??= this.#options.clock.after(this.#pause, () => {
			this.#cancel = undefined;
			return this.deliver(userId);
		});
	}

	/** Whoever asks a server that answers needs nothing of a folder that cannot be read. */
	async #all(): Promise<readonly KeptSave[]> {
		try {
			return await this.#saves.all(this.#unread);
		} catch (error) {
			this.#tell(
				this.#options.folder,
				`Saves that wait for the team's server cannot be read: ${errorText(error)}`,
			);
			return [];
		}
	}

	#unread = (path: string): void =>
		this.#tell(path, `${path} is no save that waits for the team's server. It is left alone.`);

	/** Once. */
	#tell(path: string, words: string): void {
		if (this.#unreadable.has(path)) return;
		this.#unreadable.add(path);
		this.#options.log.warn(words);
	}

	#userFile(tokenMark: string): string {
		const name = createHash("sha256").update(tokenMark).digest("hex").slice(0, 16);
		return join(this.#options.folder, `user-${name}`);
	}

	/** What is being delivered is finished, or stays. */
	async dispose(): Promise<void> {
		this.#disposed = true;
		this.#cancel?.();
		await this.#delivering?.catch(() => undefined);
	}
}
