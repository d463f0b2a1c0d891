import { homedir } from "node:os";
import { join } from "node:path";
import { requestCapture } from "../../memory/curating/captureRequests.ts";
import type { Project } from "../../store/types.ts";
import type { Moment } from "./events.ts";
import type { HookInput } from "./input.ts";

/** Leaves word that a session is to be captured, if the user wants that; a process with a language model does it. */
export async function leaveWord(
	memoryDir: string,
	moment: Moment,
	client: string,
	{ transcript, session }: Pick<HookInput, "transcript" | "session">,
	project: () => Promise<Project | undefined>,
): Promise<void> {
	const path = transcript ?? ofCopilot(client, session);
	if (path === undefined) return;
	await requestCapture(memoryDir, async () => ({
		transcript: path,
		client,
		project: await project(),
		conversationId: session,
		// Only Claude Code's sessions end once; Copilot's end after each turn.
		isLast: moment === "compact" || (moment === "end" && client === "claude"),
	}));
}

/** Copilot's runtime does not say where it keeps a session. */
function ofCopilot(client: string, session: string | undefined): string | undefined {
	if (client !== "copilot" || !session || !/^[\w-]{8,64}$/.test(session)) return undefined;
	const folder = process.env.COPILOT_HOME || join(homedir(), ".copilot");
	return join(folder, "session-state", session, "events.jsonl");
}
