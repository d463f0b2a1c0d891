import { InputError } from "../memory/errors.ts";
import { formatIds } from "../memory/transfer/formats/index.ts";
import { importPaths } from "../memory/transfer/importPaths.ts";
import { ImportReport } from "../memory/transfer/importReport.ts";
import { counted } from "../text/wording.ts";
import { type Command, commandLine, type Flags } from "./command.ts";
import { configured, interruptible, projectOf, withMemory } from "./context.ts";
import { databaseFlags, importFromDatabase } from "./importDatabase.ts";
import { printJson, progressLine, say } from "./terminal.ts";

/**
 * Skips what is not valid and names the first of it by its line; counts known memories, so that an import that was
 * interrupted can be run again. Exit code 1 when anything was skipped.
 */
export const importMemories: Command = {
	name: "import",
	summary: "take in memories of this or another program: files, folders, ZIP archives, or - for stdin",
	operands: {
		label: "PATH…",
		most: Number.POSITIVE_INFINITY,
		missing: "import needs a file or folder: mcp-mem0 import memories.jsonl.",
		instead: "from-database",
	},
	flags: [
		{ name: "from", value: "FORMAT", summary: `if it is not recognised: ${formatIds.join(", ")}` },
		{ name: "dry-run", summary: "only tell what would be imported" },
		{ name: "review", summary: "into the review queue, where each waits to be accepted" },
		{
			name: "encoding",
			value: "NAME",
			summary: "of a file that is not Unicode, such as windows-1252",
		},
		...databaseFlags,
		{ name: "json", summary: "as JSON" },
	],
	run: async (launch, paths, flags) => {
		const url = flags["from-database"];
		const stray = ["user", "vectors"].find((name) => flags[name] !== undefined && url === undefined);
		if (stray !== undefined) throw new InputError(commandLine, `--${stray} goes with --from-database.`);
		const context = configured(launch);
		const encoding = encodingFrom(flags);
		const { from } = flags;
		if (from !== undefined && !formatIds.includes(String(from)))
			throw new InputError(
				commandLine,
				`--from ${JSON.stringify(from)} is not known. It takes ${formatIds.join(", ")}.`,
			);
		if (flags.review && flags["dry-run"])
			throw new InputError(commandLine, "import takes one of --review and --dry-run.");
		const into = flags.review ? "review" : flags["dry-run"] ? "preview" : "add";
		if (typeof url === "string") return importFromDatabase(launch, url, flags, into);
		const project = await projectOf(process.cwd());
		const options = { project, projectOf, encoding, from: typeof from === "string" ? from : undefined };
		return withMemory(context, (memory) =>
			interruptible(async (signal) => {
				const progress = progressLine();
				const report = new ImportReport((text) => {
					progress.clear();
					say(text);
				}, into);
				const shown = (percent: number) => progress.show(`${percent} %, ${counted(report.taken)}`);
				await importPaths({ memory, paths, report, into, options, signal, progress: shown });
				if (signal.aborted) say("Cancelled. Run it again to go on.");
				if (flags.json) printJson({ ...report.summary(), cancelled: signal.aborted });
				return report.isClean && !signal.aborted ? 0 : 1;
			}),
		);
	},
};

/** @throws InputError for a name that is unknown. */
function encodingFrom({ encoding }: Flags): string | undefined {
	if (typeof encoding !== "string") return undefined;
	try {
		return new TextDecoder(encoding).encoding;
	} catch {
		throw new InputError(
			commandLine,
			`--encoding ${JSON.stringify(encoding)} is not known. It takes names such as utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis or gb18030.`,
		);
	}
}
