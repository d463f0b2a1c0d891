import type { MemoryService } from "../../memory/memoryService.ts";
import type { Project } from "../../store/types.ts";
import { briefOf, type Told } from "./brief.ts";
import type { HookClient } from "./forms.ts";
import { idOf } from "./passage.ts";
import { recallFor } from "./recall.ts";

/** What a hook asks, of a process that has the memory open or of its own. */
export interface Question {
	/** Whose memory is meant. */
	readonly userId: string;
	readonly client: HookClient;
	/** What the user has just asked; absent: the session begins. */
	readonly prompt?: string | undefined;
	readonly project?: Project | undefined;
	/** Keys of what the session was told already. */
	readonly told: readonly string[];
	/** Tokens of a brief, at most; absent: as the process that answers is configured. */
	readonly tokens?: number | undefined;
	/** ms to wait for the vector of the prompt. */
	readonly patience?: number;
}

export interface Reply {
	/** Absent: there is nothing to tell. */
	readonly told?: Told | undefined;
}

/**
 * The answer of this process; undefined if it has the memory of somebody else.
 * @param question comes from another process of the same user.
 * @param tokens of a brief, where the question does not say.
 */
export async function replyTo(
	memory: MemoryService,
	question: unknown,
	tokens: number,
): Promise<Reply | undefined> {
	const { userId, client, prompt, project, told, patience, ...asked } = question as Question;
	if (userId !== memory.userId) return undefined;
	const already = new Set(told);
	const common = { project, told: already };
	const reply =
		prompt === undefined
			? await briefOf(memory, { ...common, tokens: asked.tokens ?? tokens })
			: await recallFor(memory, { ...common, prompt, ...(patience === undefined ? {} : { patience }) });
	if (reply)
		memory.uses.add({
			client: client === "claude" ? "claude-code" : client,
			what: prompt === undefined ? "read" : "searched",
			...(project ? { project } : {}),
			...(prompt === undefined ? {} : { query: prompt }),
			memories: reply.keys.map(idOf),
		});
	return { told: reply };
}
