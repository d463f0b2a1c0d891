import type { Command } from "./command.ts";

/** Only for the help: `server.ts` gives this command to `hookProcess.ts`, which loads no other. */
export const hook: Command = {
	name: "hook",
	summary:
		"answer a client's hook: its JSON on stdin, what is remembered in its form on stdout; connect --with-hooks",
	operands: { label: "EVENT", most: 1 },
	flags: [{ name: "client", value: "CLIENT", summary: "copilot, vscode, claude, codex, gemini or cursor" }],
	run: async () => 0,
};
