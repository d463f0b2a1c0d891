/*
 * What the store needs of a client library. In the product that is `pg` (nodePostgres.ts).
 */

/** `int8` comes as a number, `bytea` as bytes, NULL as null. */
export type Row = Readonly<Record<string, unknown>>;

export interface Connection {
	/** One statement with parameters `$1`, …, which leaves nothing behind in the session. */
	query(text: string, values: readonly unknown[]): Promise<Row[]>;
	/** Statements without parameters, in one round trip. @returns the rows of the last one that has any. */
	script(text: string): Promise<Row[]>;
	/** Gives the connection back; one that may be in any state is closed. */
	release(broken: boolean): void;
}

export interface Driver {
	/** Waits until a connection is free. */
	connect(): Promise<Connection>;
	/** Calls back at every notification on the channel. Rejects if the session cannot be kept. */
	listen(channel: string, notified: (payload: string) => void, lost: () => void): Promise<{ close(): void }>;
	/** A connection of its own, outside of the pool, for work that takes minutes. */
	connectAlone(): Promise<Connection>;
	close(): Promise<void>;
}
