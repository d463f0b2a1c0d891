import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.ts";

/** ms to wait for a notification of our own, which a pooler in transaction mode swallows. */
const proofTime = 2000;
const pollInterval = 1000;
const reconnectDelay = 5000;

/**
 * Tells of other processes' writes: by notifications or, where none gets through, by looking once a second.
 * @param seen `stateOf` when the store was opened.
 * @returns what ends it.
 */
export function watchChanges(database: Database, seen: string, changed: () => void): () => void {
	let ended = false;
	let stop: (() => void) | undefined;
	const start = async () => {
		if (ended) return;
		stop = (await listen(database, changed, restart)) ?? poll(database, changed);
		if (ended) return stop();
		// Nobody has told what was written before the listener was there.
		if ((await stateOf(database)) !== seen) changed();
	};
	const restart = async () => {
		stop?.();
		stop = undefined;
		await sleep(reconnectDelay, undefined, { ref: false });
		// What was written meanwhile nobody has told.
		if (!ended) changed();
		await begin();
	};
	const begin = () => start().catch(() => restart());
	void begin();
	return () => {
		ended = true;
		stop?.();
	};
}

/** Undefined if notifications do not get through. */
async function listen(
	database: Database,
	changed: () => void,
	lost: () => void,
): Promise<(() => void) | undefined> {
	const proof = Promise.withResolvers<boolean>();
	const proofPayload = `proof ${database.owner}`;
	const notified = (payload: string) => {
		if (payload === proofPayload) proof.resolve(true);
		else if (payload !== database.owner && !payload.startsWith("proof ")) changed();
	};
	const session = await database.driver.listen(database.channel, notified, lost);
	const timer = setTimeout(() => proof.resolve(false), proofTime).unref();
	try {
		await database.all("SELECT pg_notify(:channel, :payload)", {
			channel: database.channel,
			payload: proofPayload,
		});
		if (await proof.promise) return () => session.close();
	} catch (error) {
		session.close();
		throw error;
	} finally {
		clearTimeout(timer);
	}
	session.close();
	return undefined;
}

function poll(database: Database, changed: () => void): () => void {
	let last: string | undefined;
	const look = async () => {
		const state = await stateOf(database);
		if (last !== undefined && state !== last) changed();
		last = state;
	};
	// The next call has the error, which is a caller's then.
	const timer = setInterval(() => void look().catch(() => undefined), pollInterval).unref();
	return () => clearInterval(timer);
}

/** Differs after a write of another process. */
export async function stateOf(database: Database): Promise<string> {
	const row = await database.get<{ state: string }>(
		"SELECT coalesce(sum(id), 0)::text AS state FROM {s}.changes WHERE owner <> :owner",
		{ owner: database.owner },
	);
	return row?.state ?? "";
}
