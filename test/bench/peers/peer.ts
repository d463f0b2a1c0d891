import type { SyntheticMemory, SyntheticQuery } from "../corpus.ts";

/** Another way to search by meaning. Memories are known by their place in the list they were given in. */
export interface Peer {
	readonly name: string;
	/** What its search is, and ours is not, or the other way round. */
	readonly remark: string;
	/** The `k` nearest, nearest first. */
	search(query: SyntheticQuery, k: number): Promise<readonly number[]>;
	close(): Promise<void> | void;
}

/** @throws CannotRun where it is not to be had here. */
export type OpenPeer = (folder: string, memories: readonly SyntheticMemory[]) => Promise<Peer>;
