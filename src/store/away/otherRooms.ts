import type { CandidateQueue } from "../candidates.ts";
import type { Copying } from "../copying.ts";
import type { Distillation, Leases, MemoryStore, Notes, Spaces, Traffic, Usage } from "../memoryStore.ts";
import type { AwayContext } from "./context.ts";
import { onDatabase, orHere } from "./onDatabase.ts";

/*
 * The parts of a store that keep nothing here. Without the database they fail or say that there is nothing to do; who
 * calls them tries again later.
 */

export function otherRooms(context: AwayContext) {
	const { remote } = context;
	return {
		notes: awayNotes(context),
		distillation: awayDistillation(context),
		spaces: awaySpaces(context),
		leases: awayLeases(context),
		candidates: awayCandidates(context),
		usage: awayUsage(context),
		traffic: awayTraffic(context),
		transfers: onDatabase(remote, "transfers"),
		users: onDatabase(remote, "users"),
		copying: awayCopying(context),
	} satisfies Partial<MemoryStore>;
}

/** What was learned while the database was away is learned again. */
function awayNotes({ remote }: AwayContext): Notes {
	const own = new Map<string, string>();
	return {
		get: (key) => own.get(key) ?? remote.store?.notes.get(key),
		async put(key, value) {
			own.set(key, value);
			try {
				await remote.write((store) => store.notes.put(key, value));
			} catch (error) {
				if (!remote.isAway(error)) throw error;
			}
		},
	};
}

function awayDistillation({ remote, kept }: AwayContext): Distillation {
	const there = onDatabase(remote, "distillation");
	const { claim, commit, keepText, postpone, release, releaseDead, wake, takeOver, abandoned } = there;
	const { before, unlinked, link } = there;
	const { state } = orHere(remote, kept, "distillation");
	return {
		...{ claim, commit, keepText, postpone, release, releaseDead, wake, takeOver, abandoned },
		...{ before, unlinked, link, state },
	};
}

function awaySpaces({ remote, kept }: AwayContext): Spaces {
	const { adopt, leaveRest, missing, keep, addVectors } = onDatabase(remote, "spaces");
	const { progress, vectorsOf } = orHere(remote, kept, "spaces");
	return { adopt, leaveRest, missing, keep, addVectors, progress, vectorsOf };
}

function awayLeases({ remote }: AwayContext): Leases {
	const unlessAway = async <T>(work: Promise<T>, otherwise: T): Promise<T> => {
		try {
			return await work;
		} catch (error) {
			if (!remote.isAway(error)) throw error;
			return otherwise;
		}
	};
	return {
		// Nobody can do now what it is for.
		acquire: (name, duration) =>
			unlessAway(
				remote.write((store) => store.leases.acquire(name, duration)),
				false,
			),
		release: (name) =>
			unlessAway(
				remote.write((store) => store.leases.release(name)),
				undefined,
			),
	};
}

function awayCandidates({ remote, kept }: AwayContext): CandidateQueue {
	const { add, get, decide, reopen } = onDatabase(remote, "candidates");
	const { list, count } = orHere(remote, kept, "candidates");
	return { add, get, decide, reopen, list, count };
}

function awayUsage({ remote, kept }: AwayContext): Usage {
	const { record } = onDatabase(remote, "usage");
	const { recent, clients } = orHere(remote, kept, "usage");
	return { record, recent, clients };
}

/** Without the patience of other calls: a page of rows may take long, and whoever copies waits for it. */
function awayCopying({ remote }: AwayContext): Copying {
	const there = () => {
		if (remote.store) return remote.store.copying;
		throw remote.problem ?? new TypeError("The database was not opened.");
	};
	return {
		read: async (...page) => there().read(...page),
		take: async (...rows) => there().take(...rows),
		count: async (kind) => there().count(kind),
	};
}

function awayTraffic({ remote, kept }: AwayContext): Traffic {
	const { add } = onDatabase(remote, "traffic");
	const { since, take } = orHere(remote, kept, "traffic");
	return { add, since, take };
}
