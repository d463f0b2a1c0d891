import type { Config } from "../../config/config.ts";
import type { UserMemory } from "../../memory/userMemory.ts";
import type { Project } from "../../store/types.ts";
import { briefOf, type Told } from "./brief.ts";
import type { HookClient } from "./forms.ts";
import { idOf } from "./passage.ts";
import { recallFor } from "./recall.ts";

/** What a hook asks, of a process that has the memory open or of its own. */
export interface Question {
	/** Whose memory is meant. */
	readonly userId: string;
	/** URL of the team's server that has it; absent: the memory is in a database. */
	readonly teamServer?: string | undefined;
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

/** Characters of what a session is told, at most; a brief of as many tokens as can be set has fewer. */
const longestTold = 100_000;

/** Whether another process, which may be of another version, has answered what was asked. */
export function isReply(value: object): value is Reply {
	if (Array.isArray(value)) return false;
	const { told } = value as { readonly told?: { readonly text?: unknown; readonly keys?: unknown } | null };
	if (told === undefined) return true;
	const { text, keys } = told ?? {};
	const areKeys = Array.isArray(keys) && keys.every((key) => typeof key === "string");
	return typeof text === "string" && text.length <= longestTold && areKeys;
}

/**
 * The answer of this process; undefined if it has another memory than is meant.
 * @param question comes from another process of the same user.
 * @param config of this process; its tokens of a brief count where the question does not say.
 */
export async function replyTo(
	memory: UserMemory,
	question: unknown,
	{ briefTokens, teamServer: own }: Pick<Config, "briefTokens" | "teamServer">,
): Promise<Reply | undefined> {
	const { userId, teamServer, client, prompt, project, told, patience, ...asked } = question as Question;
	if (teamServer !== own?.url) return undefined;
	// A team's server knows by the token who asks, by whatever name.
	if (teamServer === undefined && userId !== memory.userId) return undefined;
	const already = new Set(told);
	const common = { project, told: already };
	const reply =
		prompt === undefined
			? await briefOf(memory, { ...common, tokens: asked.tokens ?? briefTokens })
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
