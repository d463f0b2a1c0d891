import type { Clock } from "../../../config/clock.ts";
import type { Log } from "../../../config/log.ts";
import { hashOfToken, isToken } from "../../../memory/access/tokens.ts";
import type { User, Users } from "../../../store/users.ts";

/** ms for which the list of users is taken for current: a revocation counts after that. */
const currentFor = 2000;
/** ms for which a list counts that cannot be read anew: while the database is away, nobody can be revoked in it either. */
const longestAway = 3_600_000;
/** ms between notes of when somebody was there. */
const noteInterval = 60_000;

interface Snapshot {
	readonly at: number;
	readonly byHash: ReadonlyMap<string, User>;
	readonly byName: ReadonlyMap<string, User>;
}

/** The users of the database, read anew every other second while somebody asks. */
export class Directory {
	readonly #users: Users;
	readonly #clock: Clock;
	readonly #log: Log;
	readonly #noted = new Map<string, number>();
	#snapshot: Snapshot | undefined;
	#reading: Promise<Snapshot> | undefined;

	constructor(users: Users, clock: Clock, log: Log) {
		this.#users = users;
		this.#clock = clock;
		this.#log = log;
	}

	/** Whether there are users, revoked ones included. @throws StoreError */
	async isTeam(): Promise<boolean> {
		return (await this.#current()).byName.size > 0;
	}

	/** Whose token it is, unless it was revoked. @throws StoreError */
	async ofToken(token: string): Promise<User | undefined> {
		if (!isToken(token)) return undefined;
		// Whoever measures how long this takes learns of the hash, which does not lead to the token.
		const user = (await this.#current()).byHash.get(hashOfToken(token));
		return user?.revokedAt === undefined ? user : undefined;
	}

	/** @throws StoreError */
	async named(name: string): Promise<User | undefined> {
		return (await this.#current()).byName.get(name);
	}

	/** Notes that somebody is there. */
	note(name: string): void {
		const now = this.#clock.now();
		if (now - (this.#noted.get(name) ?? 0) < noteInterval) return;
		this.#noted.set(name, now);
		this.#users.used(new Map([[name, now]])).catch((error: Error) => {
			this.#log.debug(`The last use of a token could not be noted: ${error.message}`);
		});
	}

	async #current(): Promise<Snapshot> {
		const known = this.#snapshot;
		const age = known ? this.#clock.elapsed() - known.at : Number.POSITIVE_INFINITY;
		if (known && age < currentFor) return known;
		try {
			this.#reading ??= this.#read().finally(() => {
				this.#reading = undefined;
			});
			return await this.#reading;
		} catch (error) {
			if (known && age < longestAway) return known;
			throw error;
		}
	}

	async #read(): Promise<Snapshot> {
		const at = this.#clock.elapsed();
		const users = await this.#users.list();
		this.#snapshot = {
			at,
			byHash: new Map(users.map((user) => [user.tokenHash, user])),
			byName: new Map(users.map((user) => [user.name, user])),
		};
		return this.#snapshot;
	}
}
