/** While the database is away, this machine keeps what is saved and changed, and brings it there later. */
export interface AwayState {
	/** Why the database cannot be used now, for people; undefined while it can. */
	readonly problem: string | undefined;
	/** What this machine has noted of the database; undefined if it never had to. */
	noted(key: string): Promise<string | undefined>;
	note(key: string, value: string): Promise<void>;
	/** How many changes wait on this machine. */
	waiting(): Promise<number>;
}
