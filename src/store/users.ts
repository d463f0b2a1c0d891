/** Somebody who uses the memory over HTTP with a token of their own. */
export interface User {
	/** The user id of their memories. */
	readonly name: string;
	readonly admin: boolean;
	/** SHA-256 of the token, in hexadecimal. */
	readonly tokenHash: string;
	/** ms since 1970, like the others; of the token. */
	readonly createdAt: number;
	readonly lastUsed?: number;
	/** Absent: the token is valid. */
	readonly revokedAt?: number;
}

export interface Users {
	/** All, revoked ones included, by name. There are few, so that servers keep the whole list. */
	list(): Promise<readonly User[]>;
	/**
	 * @param replace gives a user who is there already the new token and rights, and takes back a revocation.
	 * @returns whether it was done: not where the name is taken.
	 */
	add(user: Omit<User, "lastUsed" | "revokedAt">, replace?: boolean): Promise<boolean>;
	/** @returns whether somebody of that name had a valid token. */
	revoke(name: string, at: number): Promise<boolean>;
	/** Notes when users were there last. */
	used(times: ReadonlyMap<string, number>): Promise<void>;
	/** Forgets a user. The name is free then. @returns whether there was one. */
	remove(name: string): Promise<boolean>;
}
