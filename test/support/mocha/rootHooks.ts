import { removeTemporaryFolders } from "../fixtures/temporaryFolder.ts";

export const mochaHooks = {
	async afterAll() {
		removeTemporaryFolders();
		// Loaded only where it is used: PGlite takes seconds.
		if (process.env.TEST_STORE === "postgres")
			await (await import("../postgres/testStore.ts")).dropTestSchemas();
	},
};
