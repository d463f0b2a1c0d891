import type { Database } from "./database.ts";

/*
 * The numbers of live memories, which triggers keep (see schema.ts).
 */

/** Memories of one user that have vectors in the same spaces, and were to go to the same endpoint. */
export interface Group {
	/** Their ids, as `memories.spaces` has them. */
	readonly spaces: string;
	readonly meantFor: string | null;
	readonly n: number;
}

/** Of all users. */
export function countAll(database: Database): number {
	return database.number("SELECT sum(n) AS n FROM tallies");
}

/** `null`: global. */
export function countsByProject(
	database: Database,
	userId: string,
): readonly { readonly project: string | null; readonly n: number }[] {
	return database.all(
		"SELECT project_id AS project, sum(n) AS n FROM tallies WHERE user_id = :userId GROUP BY project_id",
		{ userId },
	);
}

/** How many memories, of all users, have a vector in the space. */
export function membersOf(database: Database, space: number): number {
	const sql = `SELECT sum(n) AS n FROM tallies WHERE ${isMember}`;
	return database.number(sql, { space: String(space) });
}

/** The user's memories without a vector in the space; 0: all. */
export function groupsOutside(database: Database, userId: string, space: number): readonly Group[] {
	return database.all<Group>(
		`SELECT spaces, meant_for AS meantFor, sum(n) AS n FROM tallies
		WHERE user_id = :userId AND NOT ${isMember} GROUP BY spaces, meant_for`,
		{ userId, space: String(space) },
	);
}

/** With the id as text: a number would be bound as a float, whose text is another. */
const isMember = "(instr(',' || spaces || ',', ',' || :space || ',') > 0)";
