import type { MemoryStore } from "../memoryStore.ts";
import type { Kept } from "./kept.ts";
import type { Remote } from "./remote.ts";

/** The parts of a store whose methods are all asynchronous. */
export type Room =
	| "saves"
	| "memories"
	| "candidates"
	| "usage"
	| "transfers"
	| "traffic"
	| "spaces"
	| "distillation"
	| "leases"
	| "users";

type Method = (...values: readonly unknown[]) => Promise<unknown>;

/** A part of the database, which fails while that is away. */
export function onDatabase<R extends Room>(remote: Remote, room: R): MemoryStore[R] {
	return methods(
		(name) =>
			(...values) =>
				remote.ask((store) => call(store, room, name, values)),
	);
}

/** A part of the database, in whose place that of this machine answers while it is away: what that is told is lost. */
export function orHere<R extends Room>(remote: Remote, kept: Kept, room: R): MemoryStore[R] {
	return methods((name) => async (...values) => {
		try {
			return await remote.ask((store) => call(store, room, name, values));
		} catch (error) {
			if (!remote.isAway(error)) throw error;
			return call((await kept.open()).store, room, name, values);
		}
	});
}

function call(store: MemoryStore, room: Room, name: string, values: readonly unknown[]): Promise<unknown> {
	return (store[room] as unknown as Readonly<Record<string, Method>>)[name]?.(...values) as Promise<unknown>;
}

function methods<T extends object>(method: (name: string) => Method): T {
	return new Proxy({}, { get: (_, name) => method(String(name)) }) as T;
}
