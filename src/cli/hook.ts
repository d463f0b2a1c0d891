import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "./command.ts";

/** Where it is the first word, as in the files of clients, `server.ts` starts `hookProcess.ts` by itself, which is faster. */
export const hook: Command = {
	name: "hook",
	summary:
		"answer a client's hook: its JSON on stdin, what is remembered in its form on stdout; connect --with-hooks",
	operands: { label: "EVENT", most: 1 },
	flags: [{ name: "client", value: "CLIENT", summary: "copilot, vscode, claude, codex, gemini or cursor" }],
	run: async ({ bundles, envFile }, operands, { client }) => {
		const { main } = await import("./hookProcess.ts");
		const given = typeof client === "string" ? ["--client", client] : [];
		const file = envFile === undefined ? [] : ["--env", envFile];
		return main([...operands, ...given, ...file], pathToFileURL(`${dirname(bundles.embedder)}/`));
	},
};
