import type { Command } from "./command.ts";
import { configured, interruptible, withMemory } from "./context.ts";

export const distill: Command = {
	name: "distill",
	summary: "distil saves that wait for another endpoint with the configured language model",
	run: (launch) =>
		withMemory(configured(launch), (memory) =>
			interruptible(async (signal) => {
				const { llm } = await memory.status();
				if (!llm) {
					process.stderr.write("No language model is configured: set LLM_PROVIDER and LLM_BASE_URL.\n");
					return 1;
				}
				const taken = await memory.takeOver(signal);
				const { pending } = await memory.status();
				const saves = taken === 1 ? "1 save goes" : `${taken} saves go`;
				const left = pending.distillation > 0 ? ` ${pending.distillation} still pending.` : "";
				process.stderr.write(`${saves} to ${llm.description} now.${left}\n`);
				return 0;
			}),
		),
};
