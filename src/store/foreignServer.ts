/** A table in which a mem0 installation has left memories. */
export interface ForeignTable {
	/** For people: `schema.table`. */
	readonly name: string;
	/** Whose layout it is, for people. */
	readonly layout: string;
	/** Of its vectors; undefined where the column does not say. */
	readonly dimensions: number | undefined;
	/** False: the user of the connection may not read it, and nothing else is known of it. */
	readonly isReadable: boolean;
	/** It has a type of somebody's own, whose functions would run as this user: it is not read. */
	readonly hasOwnTypes: boolean;
	/** Whether row-level security may keep rows from this user. */
	readonly hidesRows: boolean;
	/** The memories by the user ids that stand in them; empty: none does. */
	readonly users: readonly { readonly userId: string; readonly memories: number }[];
	/** Rows without a text, which are no memories. */
	readonly others: number;
}

export interface ForeignMemory {
	readonly id: string;
	/** Empty: none stands in it. */
	readonly userId: string;
	/** What mem0 keeps of it, with its text in `data`; undefined where it is too long to be one. */
	readonly payload: Readonly<Record<string, unknown>> | undefined;
	/** Characters of the payload. */
	readonly length: number;
	/** Of the row, where it has columns for them. */
	readonly createdAt?: string;
	readonly updatedAt?: string;
	/** Absent unless they were asked for; not of length 1. */
	readonly vector?: Float32Array;
}

/** Memories that other mem0 installations have left in PostgreSQL, as of one moment. Nothing is written there. */
export interface ForeignServer {
	/** For people. */
	readonly location: string;
	readonly tables: readonly ForeignTable[];
	/**
	 * The memories of a table, page by page.
	 * @param userIds of whom.
	 * @throws StoreError
	 */
	pages(
		table: ForeignTable,
		userIds: readonly string[],
		withVectors: boolean,
	): AsyncIterable<readonly ForeignMemory[]>;
	close(): Promise<void>;
}
