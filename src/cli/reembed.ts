import { notEmbeddedNotice } from "../memory/saving/failedTexts.ts";
import { counted } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configuredHere, interruptible, withMemory } from "./context.ts";
import { printJson, progressLine, say } from "./terminal.ts";

export const reembed: Command = {
	name: "reembed",
	summary: "embed all memories with the configured model; Ctrl-C stops, another run goes on",
	flags: [{ name: "json", summary: "as JSON" }],
	run: (launch, _, { json }) =>
		withMemory(configuredHere(launch), (memory) =>
			interruptible(async (signal) => {
				const line = progressLine();
				const { embedding } = await memory.status();
				say(`Embedding with ${embedding.description}.`);
				const { done, total, embedded, left } = await memory
					.reembed((progress) => line.show(`${progress.done} of ${counted(progress.total)}`), signal)
					.finally(() => line.clear());
				if (signal.aborted) say(`Cancelled: ${done} of ${counted(total)} done. Run it again to go on.`);
				else if (left) say(`${counted(embedded)} embedded. ${notEmbeddedNotice(left)}`);
				else if (done === 0) say("No memory lacks a vector of this model.");
				else say(`${counted(done)} embedded.`);
				if (json) printJson({ done, total, embedded, ...(left ? { left } : {}), cancelled: signal.aborted });
				return signal.aborted || left ? 1 : 0;
			}),
		),
};
