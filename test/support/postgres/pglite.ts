import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import type { Connection, Driver, Row } from "../../../src/store/postgres/driver.ts";

const int8 = 20;

let started: Promise<PGlite> | undefined;
let lastTurn: Promise<unknown> = Promise.resolve();

/** PostgreSQL in this process, for all tests of a file: one connection, which its users take in turn. */
export function pglite(): Promise<PGlite> {
	started ??= PGlite.create({ extensions: { vector }, parsers: { [int8]: Number } });
	return started;
}

/** A driver of the database in this process. */
export async function pgliteDriver(): Promise<Driver> {
	const database = await pglite();
	const connect = async (): Promise<Connection> => {
		const turn = Promise.withResolvers<void>();
		const before = lastTurn;
		lastTurn = turn.promise;
		await before;
		let broken = false;
		return {
			query: async (text, values) => (await database.query<Row>(text, [...values])).rows,
			async script(text) {
				const results = await database.exec(text);
				return (results.findLast(({ rows }) => rows.length > 0)?.rows ?? []) as Row[];
			},
			release(isBroken) {
				if (broken) return;
				broken = true;
				// A connection that is closed undoes its transaction.
				if (isBroken) void database.exec("ROLLBACK").finally(turn.resolve);
				else turn.resolve();
			},
		};
	};
	return {
		connect,
		connectAlone: connect,
		async listen(channel, notified) {
			const unlisten = await database.listen(channel, notified);
			return { close: () => void unlisten() };
		},
		close: async () => undefined,
	};
}
