import { ok, skipped } from "../../doctor/findings.ts";
import { useInWords, useOf } from "../lastUse.ts";
import type { ConnectionCheck } from "./connection.ts";

export const use: ConnectionCheck = {
	stage: "use",
	title: "use",
	optional: true,
	applies: ({ client, own }) => own.uses !== undefined && client.id !== "workspace",
	run: async ({ client, own }) => {
		// The checks of the storage say what is wrong with it.
		const uses = await own.uses?.().catch(() => undefined);
		if (!uses) return skipped("Not known: the memory cannot be opened.");
		const words = useInWords(useOf(client, uses));
		if (words) return ok(`${client.name} ${words}.`);
		return skipped(`${client.name} has not used the memory yet. Ask it to remember something.`);
	},
};
