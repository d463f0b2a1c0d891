import { removeTemporaryFolders } from "../fixtures/temporaryFolder.ts";

/** Each call is a round trip, or PostgreSQL in WebAssembly: what a test takes then says nothing. */
const patience = process.env.TEST_STORE === "postgres" ? 4 : 1;

export const mochaHooks = {
	beforeEach(this: Mocha.Context) {
		const test = this.currentTest;
		if (test) test.timeout(patience * test.timeout());
	},
	async afterAll() {
		removeTemporaryFolders();
		// Loaded only where it is used: PGlite takes seconds.
		if (process.env.TEST_STORE === "postgres")
			await (await import("../postgres/testStore.ts")).dropTestSchemas();
	},
};
