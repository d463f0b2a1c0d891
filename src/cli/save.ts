import { InputError } from "../memory/errors.ts";
import { maxTextLength } from "../memory/input.ts";
import { oneLine } from "../text/inert.ts";
import type { Command } from "./command.ts";
import { configured, projectOf, withMemory } from "./context.ts";
import { print, printJson, say } from "./terminal.ts";

export const save: Command = {
	name: "save",
	summary: "remember a text, or what comes from stdin with -",
	operands: {
		label: "TEXT|-",
		most: Number.POSITIVE_INFINITY,
		missing: 'save needs a text: mcp-mem0 save "We deploy on Thursdays".',
	},
	flags: [
		{ name: "scope", value: "SCOPE", summary: "global, or project: only for that of this folder (global)" },
		{ name: "visibility", value: "WHO", summary: "in a team: private, project or team find it" },
		{ name: "verbatim", summary: "word for word, without a language model" },
		{ name: "json", summary: "as JSON" },
	],
	run: async (launch, words, { scope, visibility, verbatim, json }) => {
		const text = words.length === 1 && words[0] === "-" ? await textOfStdin() : words.join(" ");
		const context = configured(launch);
		return withMemory(context, async (memory) => {
			const saved = await memory.save({
				text,
				scope,
				visibility,
				project: await projectOf(process.cwd()),
				origin: { how: "cli" },
				...(verbatim ? { infer: false } : {}),
			});
			if (json) printJson(saved);
			else {
				for (const { id, text: kept, event } of saved.memories)
					print(`${id}  ${oneLine(kept)}${event === "DUPLICATE" ? "  (known already)" : ""}`);
				if (saved.note) say(saved.note);
			}
			return 0;
		});
	},
};

/** @throws InputError for a text that no memory can have. */
export async function textOfStdin(): Promise<string> {
	const parts: Uint8Array[] = [];
	let length = 0;
	for await (const part of process.stdin) {
		length += (part as Uint8Array).length;
		// A character has up to four bytes.
		if (length > 4 * maxTextLength)
			throw new InputError(
				"text",
				`The text is longer than ${maxTextLength} characters. Split it, or use mcp-mem0 import -.`,
			);
		parts.push(part as Uint8Array);
	}
	return Buffer.concat(parts).toString();
}
