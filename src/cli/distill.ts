import { InputError } from "../memory/errors.ts";
import { plural } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configuredHere, interruptible, withMemory } from "./context.ts";
import { printJson, say } from "./terminal.ts";

export const distill: Command = {
	name: "distill",
	summary: "distil saves that wait for another endpoint with the configured language model",
	flags: [{ name: "json", summary: "as JSON" }],
	run: (launch, _, { json }) =>
		withMemory(configuredHere(launch), (memory) =>
			interruptible(async (signal) => {
				const { llm } = await memory.status();
				if (!llm)
					throw new InputError(
						"LLM_PROVIDER",
						"No language model is configured: set LLM_PROVIDER and LLM_BASE_URL.",
					);
				const taken = await memory.takeOver(signal);
				const { pending } = await memory.status();
				if (json) printJson({ taken, pending: pending.distillation });
				if (taken === 0) {
					say("No saves wait for another endpoint.");
					return 0;
				}
				const saves = plural(taken, "# save now goes", "# saves now go");
				const left = pending.distillation > 0 ? ` ${pending.distillation} still pending.` : "";
				say(`${saves} to ${llm.description}.${left}`);
				return 0;
			}),
		),
};
