import type { Log } from "../../config/log.ts";
import { StoreError } from "../../store/errors.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import type { Actor } from "./actor.ts";

/** How the user of a configuration stands to the team of its database. */
export interface Membership {
	/** Whether the database has users, who share memories. */
	readonly team: boolean;
	readonly actor: Actor;
}

type Parts = Pick<MemoryStore, "users" | "away" | "onDidChange">;

interface Options {
	readonly log: Log;
	/** Whether this machine may note it. */
	readonly notes: boolean;
}

/**
 * While the database is away, what this machine last knew counts, so that a save for the project stays one. Until it
 * knows anything, what is saved is private.
 * @returns `later` only then: it resolves when the database has said it.
 */
export async function membershipIn(
	store: Parts,
	userId: string,
	options: Options,
): Promise<Membership & { readonly later?: Promise<Membership> }> {
	try {
		return await asked(store, userId, options);
	} catch (error) {
		if (!(error instanceof StoreError)) throw error;
		const known = await store.away?.noted(noteFor(userId)).catch((unread: Error) => {
			options.log.warn(
				`What this machine knew of the team cannot be read (${unread.message}): until the database is back, what is saved is private.`,
			);
			return undefined;
		});
		return { ...membership(userId, known), later: onceBack(store, userId, options) };
	}
}

/** @throws StoreError */
async function asked({ users, away }: Parts, userId: string, { log, notes }: Options): Promise<Membership> {
	const valid = (await users.list()).filter(({ revokedAt }) => revokedAt === undefined);
	const isAdmin = valid.some(({ name, admin }) => name === userId && admin);
	const now = valid.length === 0 ? "alone" : isAdmin ? "admin" : "member";
	if (away && notes)
		await noteIfNew(away, noteFor(userId), now).catch((error: Error) => log.debug(error.message));
	return membership(userId, now);
}

/** Whoever is alone needs no note unless there is an older one. */
async function noteIfNew(away: NonNullable<MemoryStore["away"]>, key: string, now: string): Promise<void> {
	const known = (await away.noted(key)) ?? "alone";
	if (known !== now) await away.note(key, now);
}

function onceBack(store: Parts, userId: string, options: Options): Promise<Membership> {
	return new Promise((resolve) => {
		const listener = store.onDidChange(() => {
			asked(store, userId, options).then(
				(known) => {
					listener.dispose();
					resolve(known);
				},
				// The next change, or the next time that it is back.
				(error: Error) => options.log.debug(error.message),
			);
		});
	});
}

function membership(userId: string, known: string | undefined): Membership {
	return {
		team: known === "member" || known === "admin",
		actor: { userId, admin: known === "admin" },
	};
}

const noteFor = (userId: string) => `membership of ${userId}`;
