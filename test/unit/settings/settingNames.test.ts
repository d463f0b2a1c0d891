import assert from "node:assert/strict";
import { inSettings } from "../../../src/settings/settingNames.ts";

describe("A message for users of VS Code's settings", () => {
	const table: readonly (readonly [string, string])[] = [
		["Start the server, or correct LLM_BASE_URL.", "Start the server, or correct mcpMem0.llm.baseUrl."],
		["Set LLM_API_KEY.", "Set the key (Mem0: Set API Key…)."],
		["Check EMBEDDING_API_KEY (or LLM_API_KEY): it", "Check the key (Mem0: Set API Key…): it"],
		[
			"EMBEDDING_MODEL_DIMS is 1536. Set EMBEDDING_MODEL_DIMS to 768",
			"mcpMem0.embedding.dimensions is 1536. Set mcpMem0.embedding.dimensions to 768",
		],
		["set MEMORY_DIR (in VS Code: mcpMem0.storage.directory) to", "set mcpMem0.storage.directory to"],
		["set MEMORY_DIR to a folder", "set mcpMem0.storage.directory to a folder"],
		["refused (HTTP 401). It said: “NOT_A_VARIABLE”", "refused (HTTP 401). It said: “NOT_A_VARIABLE”"],
		["Set PORT to 0", "Set PORT to 0"],
	];
	for (const [given, shown] of table) it(`says “${shown}”`, () => assert.equal(inSettings(given), shown));
});
