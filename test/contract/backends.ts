import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { databaseFile, openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";

/** An implementation of the store, and how its tests reach behind the port. */
export interface Backend {
	readonly name: string;
	/** A new, empty place for memories. */
	place(): Promise<Place>;
}

export interface Place {
	/** Opens the place, as one more process would. */
	open(): Promise<MemoryStore>;
	/** Makes all claims look like those of a process that is gone. */
	killClaimHolders(): Promise<void>;
	/** Makes all journal entries that are not finished look like those of a process that is gone. */
	killSavers(): Promise<void>;
	/** The names that are kept for any memory, sorted. */
	entityNames(): Promise<readonly string[]>;
}

/** A process id that no process has. */
const nobody = ":999999999:";

function sqlitePlace(): Place {
	const folder = temporaryFolder();
	const raw = async <T>(work: (database: DatabaseSync) => T): Promise<T> => {
		const database = new DatabaseSync(join(folder, databaseFile));
		try {
			return work(database);
		} finally {
			database.close();
		}
	};
	const own = `:${process.pid}:`;
	return {
		open: async () => (await openStore(folder)).store,
		killClaimHolders: () =>
			raw((database) => {
				database.prepare("UPDATE journal SET claimed_by = replace(claimed_by, ?, ?)").run(own, nobody);
			}),
		killSavers: () =>
			raw((database) => {
				database
					.prepare("UPDATE journal SET owner = replace(owner, ?, ?) WHERE done_at IS NULL")
					.run(own, nobody);
			}),
		entityNames: () =>
			raw((database) =>
				database
					.prepare("SELECT name FROM entities ORDER BY name")
					.all()
					.map(({ name }) => String(name)),
			),
	};
}

const backends: readonly Backend[] = [{ name: "SQLite", place: async () => sqlitePlace() }];

/** What the tests of one suite work with: a place of its own for each test, opened once. */
export interface ContractFixture {
	place: Place;
	store: MemoryStore;
	/** Opens the place once more, as another process would; closed after the test. */
	another(): Promise<MemoryStore>;
}

/** One suite, run on every implementation. */
export function contract(promise: string, tests: (fixture: ContractFixture) => void): void {
	for (const backend of backends)
		describe(`${promise} (${backend.name})`, () => {
			const opened: MemoryStore[] = [];
			const fixture = {
				another: async () => {
					const store = await fixture.place.open();
					opened.push(store);
					return store;
				},
			} as ContractFixture;
			beforeEach(async () => {
				fixture.place = await backend.place();
				fixture.store = await fixture.another();
			});
			afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));
			tests(fixture);
		});
}
