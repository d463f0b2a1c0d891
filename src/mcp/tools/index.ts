import { deleteMemory } from "./deleteMemory.ts";
import { getAllMemories } from "./getAllMemories.ts";
import { memoryStatus } from "./memoryStatus.ts";
import { saveMemory } from "./saveMemory.ts";
import { searchMemories } from "./searchMemories.ts";
import type { Tool } from "./tool.ts";
import { updateMemory } from "./updateMemory.ts";

/** In the order in which clients list them. */
export const tools: readonly Tool[] = [
	saveMemory,
	searchMemories,
	getAllMemories,
	updateMemory,
	deleteMemory,
	memoryStatus,
];
