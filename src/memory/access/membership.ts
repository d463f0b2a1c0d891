import type { Clock } from "../../config/clock.ts";
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

/** Calls back whenever the database may say something else than before. */
export type FollowMembership = (now: (membership: Membership) => void) => { dispose(): void };

/** ms between two questions. */
const pause = 2000;

type Parts = Pick<MemoryStore, "users" | "away" | "onDidChange">;

interface Options {
	readonly log: Log;
	readonly clock: Clock;
	/** Whether this machine may note it. */
	readonly notes: boolean;
}

/**
 * While the database is away, what this machine last knew counts, so that a save for the project stays one. Until it
 * knows anything, what is saved is private.
 */
export async function membershipIn(
	store: Parts,
	userId: string,
	options: Options,
): Promise<Membership & { readonly follow: FollowMembership }> {
	const follow = following(store, userId, options);
	try {
		return { ...(await asked(store, userId, options)), follow };
	} catch (error) {
		if (!(error instanceof StoreError)) throw error;
		const known = await store.away?.noted(noteFor(userId)).catch((unread: Error) => {
			options.log.warn(
				`What this machine knew of the team cannot be read (${unread.message}): until the database is back, what is saved is private.`,
			);
			return undefined;
		});
		return { ...membership(userId, known), follow };
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

/** Others change who belongs to the team, and a database that was away comes back: both are changes of the store. */
function following(store: Parts, userId: string, options: Options): FollowMembership {
	const { clock, log } = options;
	return (changed) => {
		let cancel: (() => void) | undefined;
		let last = Number.NEGATIVE_INFINITY;
		let answer = Promise.resolve();
		let disposed = false;
		const ask = async () => {
			// In turn: an answer that comes late must not replace a newer one.
			await answer;
			if (disposed) return;
			cancel = undefined;
			last = clock.elapsed();
			answer = asked(store, userId, options).then(
				(now) => {
					if (!disposed) changed(now);
				},
				// If it is away, its return is the next change.
				(error: Error) => log.debug(error.message),
			);
			await answer;
		};
		const listener = store.onDidChange(() => {
			cancel ??= clock.after(Math.max(0, last + pause - clock.elapsed()), ask);
		});
		return {
			dispose() {
				disposed = true;
				listener.dispose();
				cancel?.();
			},
		};
	};
}

function membership(userId: string, known: string | undefined): Membership {
	return {
		team: known === "member" || known === "admin",
		actor: { userId, admin: known === "admin" },
	};
}

const noteFor = (userId: string) => `membership of ${userId}`;
