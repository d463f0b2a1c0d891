/** A step of the schema, and as fixed as all of them. */
export const usersTable = `
	CREATE TABLE users (
		name TEXT PRIMARY KEY,
		admin INTEGER NOT NULL,
		token_hash TEXT NOT NULL UNIQUE,
		created_at INTEGER NOT NULL,
		last_used INTEGER,
		revoked_at INTEGER
	) STRICT;
`;
