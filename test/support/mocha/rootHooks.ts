import { removeTemporaryFolders } from "../fixtures/fixtures.ts";

export const mochaHooks = { afterAll: removeTemporaryFolders };
