import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { databaseFile, openStore } from "../../src/store/sqlite/sqliteStore.ts";
import type { Destinations } from "../../src/store/types.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { TestSchema, testDatabaseName } from "../support/postgres/testDatabase.ts";

/** An implementation of the store, and what its tests need behind the port. */
export interface Backend {
	readonly name: string;
	/** A new, empty place for memories. */
	place(): Promise<Place>;
}

export interface Place {
	/** Opens the place, as one more process would. */
	open(destinations?: Destinations): Promise<MemoryStore>;
	/** Makes all claims look as if their processes were gone. */
	killClaimHolders(): Promise<void>;
	/** Makes all unfinished journal entries look as if their processes were gone. */
	killSavers(): Promise<void>;
	/** The names of all entities, sorted. */
	entityNames(): Promise<readonly string[]>;
	/** After its stores are closed. */
	remove?(): Promise<void>;
}

/** The id of no process. */
const deadProcess = ":999999999:";

function sqlitePlace(): Place {
	const folder = temporaryFolder();
	const withDatabase = async <T>(work: (database: DatabaseSync) => T): Promise<T> => {
		const database = new DatabaseSync(join(folder, databaseFile));
		try {
			return work(database);
		} finally {
			database.close();
		}
	};
	const thisProcess = `:${process.pid}:`;
	return {
		open: async (destinations) => (await openStore(folder, destinations ? { destinations } : {})).store,
		killClaimHolders: () =>
			withDatabase((database) => {
				database
					.prepare("UPDATE journal SET claimed_by = replace(claimed_by, ?, ?)")
					.run(thisProcess, deadProcess);
			}),
		killSavers: () =>
			withDatabase((database) => {
				database
					.prepare("UPDATE journal SET owner = replace(owner, ?, ?) WHERE done_at IS NULL")
					.run(thisProcess, deadProcess);
			}),
		entityNames: () =>
			withDatabase((database) =>
				database
					.prepare("SELECT name FROM entities ORDER BY name")
					.all()
					.map(({ name }) => String(name)),
			),
	};
}

function postgresPlace(): Place {
	const schema = new TestSchema();
	const thisProcess = `:${process.pid}:`;
	return {
		open: (destinations) => schema.open(destinations),
		killClaimHolders: async () => {
			const sql = "UPDATE {s}.journal SET claimed_by = replace(claimed_by, $1, $2)";
			await schema.run(sql, [thisProcess, deadProcess]);
		},
		killSavers: async () => {
			const sql = "UPDATE {s}.journal SET owner = replace(owner, $1, $2) WHERE done_at IS NULL";
			await schema.run(sql, [thisProcess, deadProcess]);
		},
		entityNames: async () =>
			(await schema.run<{ name: string }>("SELECT name FROM {s}.entities ORDER BY name")).map(
				({ name }) => name,
			),
		remove: () => schema.drop(),
	};
}

const backends: readonly Backend[] = [
	{ name: "SQLite", place: async () => sqlitePlace() },
	{ name: testDatabaseName, place: async () => postgresPlace() },
];

/** A new place for each test, opened once. */
export interface ContractFixture {
	place: Place;
	store: MemoryStore;
	/** Opens the place again, as another process would; closed after the test. */
	another(destinations?: Destinations): Promise<MemoryStore>;
}

/** Runs one suite on every implementation. */
export function contract(title: string, tests: (fixture: ContractFixture) => void): void {
	for (const backend of backends)
		describe(`${title} (${backend.name})`, function () {
			// On a busy machine, PGlite alone needs half a minute to start.
			this.timeout(120_000);
			const opened: MemoryStore[] = [];
			const fixture = {
				another: async (destinations?: Destinations) => {
					const store = await fixture.place.open(destinations);
					opened.push(store);
					return store;
				},
			} as ContractFixture;
			beforeEach(async () => {
				fixture.place = await backend.place();
				fixture.store = await fixture.another();
			});
			afterEach(async () => {
				await Promise.all(opened.splice(0).map((store) => store.close()));
				await fixture.place.remove?.();
			});
			tests(fixture);
		});
}
