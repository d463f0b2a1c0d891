import { removeTemporaryFolders } from "./fixtures.ts";

export const mochaHooks = { afterAll: removeTemporaryFolders };
