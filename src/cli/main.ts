import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readConfig } from "../config/config.ts";
import { loadEnvironment } from "../config/envFile.ts";
import { createLog } from "../config/log.ts";
import { messageOf } from "../config/remarks.ts";
import { errorText } from "../memory/errorText.ts";
import { openMemory } from "../memory/openMemory.ts";
import { identifyProject } from "../memory/project.ts";
import type { Project } from "../store/memoryStore.ts";
import { parseCommandLine, usage } from "./arguments.ts";
import type { CliContext } from "./context.ts";
import { exportMemories } from "./export.ts";
import { importMemories } from "./import.ts";
import { reembedMemories } from "./reembed.ts";
import { searchMemories } from "./search.ts";
import { serve } from "./serve.ts";

/**
 * Runs one command line and answers the exit code.
 * @param directory the folder of the bundle, which holds the built-in model's worker.
 */
export async function main(args: readonly string[], directory: URL, version: string): Promise<number> {
	// A reader that has enough (`| head`) is no error; output that cannot be written otherwise is told in one line.
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") return;
		process.exitCode = 1;
		process.stderr.write(`mcp-mem0: the output cannot be written (${error.message}).\n`);
	});
	try {
		const { command, envFile } = parseCommandLine(args);
		if (command.name === "help" || command.name === "version") {
			process.stdout.write(`${command.name === "help" ? usage : version}\n`);
			return 0;
		}
		const { env, file } = loadEnvironment(process.env, process.cwd(), envFile);
		const bundles = {
			embedder: fileURLToPath(new URL("embedder.cjs", directory)),
			mem0: fileURLToPath(new URL("mem0.js", directory)),
		};
		// Before the configuration is read: one that is not valid is something to be found.
		if (command.name === "doctor") {
			const { runDoctor } = await import("./doctor.ts");
			return await runDoctor({ env, bundles, version }, command.json);
		}
		const { config, notices } = readConfig(env);
		const log = createLog(config.logLevel, (level, message) =>
			process.stderr.write(`${level}: ${message}\n`),
		);
		if (file) log.info(`Read ${file}.`);
		for (const notice of notices) log.warn(messageOf(notice));
		const context: CliContext = {
			config,
			log,
			version,
			openMemory: (hostModel) =>
				openMemory({
					config,
					bundles,
					log,
					hostModel,
				}),
			projectOf,
		};
		switch (command.name) {
			case "search":
				return await searchMemories(context, command);
			case "import":
				return await importMemories(context, command.file);
			case "export":
				return await exportMemories(context, command.file);
			case "reembed":
				return await reembedMemories(context);
			case "serve":
				return await serve(context);
		}
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EPIPE") return 0;
		process.stderr.write(`mcp-mem0: ${errorText(error)}\n`);
		return 1;
	}
}

/** A folder counts as a project when it is in a git repository; clients start servers in all sorts of other places. */
async function projectOf(folder: string): Promise<Project | undefined> {
	let repository = false;
	const project = await identifyProject(folder, async (path) => {
		const text = await readFile(path, "utf8").catch(() => undefined);
		repository ||= text !== undefined;
		return text;
	});
	return repository ? project : undefined;
}
