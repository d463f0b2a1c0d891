import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { openAwayStore } from "../../../src/store/away/awayStore.ts";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { openPostgresStore } from "../../../src/store/postgres/postgresStore.ts";
import { locationOf, type PostgresSettings } from "../../../src/store/postgres/settings.ts";
import type { AddResult, Destinations } from "../../../src/store/types.ts";
import { newMemory } from "../fixtures/storeFixtures.ts";
import { temporaryFolder } from "../fixtures/temporaryFolder.ts";
import { CuttingProxy } from "./cuttingProxy.ts";
import { type OwnServer, ownServer } from "./ownServer.ts";
import { testSettings } from "./testDatabase.ts";

const destinations = { chat: "", embedding: "" };

/** Short waits, so that tests need not wait. */
const patience = { start: 1000, read: 1000, write: 1500, pause: 50 };
const impatient = { poolTimeout: 1000, answerTimeout: 2000, retries: 1 };

export interface OpenedAs {
	readonly own?: Destinations;
	readonly url?: string;
	/** ms */
	readonly write?: number;
	readonly read?: number;
}

/** One more process of this machine that has a database in a server, and keeps here what waits for it. */
export function openAway(
	folder: string,
	url: string,
	schema: string,
	more: Partial<PostgresSettings> = {},
	{ own = destinations, write = patience.write, read = patience.read }: OpenedAs = {},
): Promise<MemoryStore> {
	const settings = { ...testSettings(schema, url), ...impatient, ...more };
	return openAwayStore({
		location: locationOf(settings),
		folder,
		destinations: own,
		open: (each) => openPostgresStore(settings, each),
		patience: { ...patience, write, read },
	});
}

export interface AwayFixture {
	server: OwnServer;
	/** The way of this machine to the server. */
	proxy: CuttingProxy;
	/** Where this machine keeps what waits. */
	folder: string;
	schema: string;
	/** One more process of this machine; closed after the test. */
	open(more?: Partial<PostgresSettings>, as?: OpenedAs): Promise<MemoryStore>;
	/** The database itself, as another machine sees it. */
	elsewhere(): Promise<MemoryStore>;
	admin(...statements: readonly string[]): Promise<void>;
	/** Runs statements in one session, which ends after `work`. */
	session<T>(statement: string, work: () => Promise<T>): Promise<T>;
}

/** A server for a suite, and a schema and a folder for each test. */
export function awayFixture(name: string): AwayFixture {
	const opened: MemoryStore[] = [];
	let number = 0;
	const fixture = {
		async open(more = {}, as = {}) {
			const { folder, proxy, schema } = fixture;
			const store = await openAway(folder, as.url ?? proxy.url, schema, more, as);
			opened.push(store);
			return store;
		},
		async elsewhere() {
			const store = await openPostgresStore(testSettings(fixture.schema, fixture.server.url), destinations);
			opened.push(store);
			return store;
		},
		async session(statement, work) {
			const client = new pg.Client({ connectionString: fixture.server.url });
			client.on("error", () => undefined);
			await client.connect();
			try {
				await client.query(statement);
				return await work();
			} finally {
				await client.end();
			}
		},
		async admin(...statements) {
			for (const statement of statements) await fixture.session(statement, async () => undefined);
		},
	} as AwayFixture;
	before(async () => {
		fixture.server = await ownServer();
	});
	after(() => fixture.server?.stop());
	beforeEach(async () => {
		number += 1;
		fixture.schema = `${name}_${number}`;
		fixture.folder = join(temporaryFolder(), "away");
		fixture.proxy = await CuttingProxy.start(fixture.server.url);
	});
	afterEach(async () => {
		await Promise.all(opened.splice(0).map((store) => store.close()));
		await fixture.proxy.close();
	});
	return fixture;
}

export async function save(store: MemoryStore, id: string, text = `text of ${id}`): Promise<AddResult> {
	const [result] = (await store.saves.store({ ...newMemory(text), id })).results;
	assert.ok(result);
	return result;
}

/** Waits until nothing waits on this machine. */
export async function delivered(store: MemoryStore): Promise<void> {
	for (const deadline = Date.now() + 40_000; await store.away?.waiting(); await sleep(50))
		assert.ok(Date.now() < deadline, `Not delivered: ${store.away?.problem}`);
}
