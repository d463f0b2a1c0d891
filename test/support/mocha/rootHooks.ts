import { removeTemporaryFolders } from "../fixtures/temporaryFolder.ts";

export const mochaHooks = { afterAll: removeTemporaryFolders };
