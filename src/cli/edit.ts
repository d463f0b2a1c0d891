import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../memory/errors.ts";
import type { UpdatedMemory } from "../memory/requests.ts";
import { ConflictError } from "../store/errors.ts";
import type { Command } from "./command.ts";
import { configured, withMemory } from "./context.ts";
import { asJson, asLine } from "./memoryOutput.ts";
import { textOfStdin } from "./save.ts";
import { print, printJson, say } from "./terminal.ts";

export const edit: Command = {
	name: "edit",
	summary: "change the text of a memory in $VISUAL or $EDITOR",
	operands: { label: "ID", most: 1, missing: "edit needs the id of a memory: mcp-mem0 list prints them." },
	flags: [
		{ name: "text", value: "TEXT|-", summary: "the new text, instead of an editor" },
		{
			name: "visibility",
			value: "WHO",
			summary: "instead of the text, who finds it in a team: private, project or team",
		},
		{ name: "json", summary: "as JSON" },
	],
	run: (launch, [id], { text: given, visibility, json }) =>
		withMemory(configured(launch), async (memory) => {
			const tell = ({ note, ...after }: UpdatedMemory) => {
				if (json) printJson({ memories: [asJson(after)], ...(note ? { note } : {}) });
				else print(asLine(after));
				if (note && !json) say(note);
				return 0;
			};
			if (visibility !== undefined && given === undefined)
				return tell(await memory.update(id, undefined, visibility));
			const before = await memory.get(id);
			const { text: old, updatedAt } = before;
			const edited =
				given === undefined ? await inEditor(old) : given === "-" ? await textOfStdin() : String(given);
			if (edited.trim() === old) {
				say("Nothing was changed.");
				if (json) printJson({ memories: [asJson(before)] });
				return 0;
			}
			const expected = { text: old, updatedAt };
			try {
				return tell(await memory.update(id, edited, visibility, expected));
			} catch (error) {
				// What was written is not lost.
				if (error instanceof ConflictError && given === undefined) print(edited.trim());
				throw error;
			}
		}),
};

/** The text as it is when the editor ends. @throws InputError if there is none. */
async function inEditor(text: string): Promise<string> {
	const { VISUAL, EDITOR } = process.env;
	const named = VISUAL || EDITOR;
	if (!named && !process.stdin.isTTY)
		throw new InputError(
			"editor",
			"An editor needs a terminal. Give the new text with --text TEXT, or - for stdin.",
		);
	const editor = named || (process.platform === "win32" ? "notepad" : "vi");
	const folder = await mkdtemp(join(tmpdir(), "mcp-mem0-edit-"));
	try {
		const file = join(folder, "memory.md");
		await writeFile(file, `${text}\n`, { mode: 0o600 });
		// Editors are named with arguments, such as "code --wait".
		const quoted = process.platform === "win32" ? `"${file}"` : `'${file}'`;
		const child = spawn(`${editor} ${quoted}`, { shell: true, stdio: "inherit" });
		const [code] = (await once(child, "close")) as [number | null];
		if (code !== 0)
			throw new InputError(
				"editor",
				`${editor} ended with ${code}. Nothing was changed. Set EDITOR to another one.`,
			);
		return await readFile(file, "utf8");
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
