import { fileURLToPath } from "node:url";
import { loadEnvironment } from "../config/envFile.ts";
import { redactor } from "../config/redact.ts";
import { secretsIn } from "../config/secrets.ts";
import type { Environment } from "../config/variables.ts";
import { errorText } from "../memory/errorText.ts";
import { parseCommandLine, usage } from "./arguments.ts";

/**
 * Runs one command line and returns the exit code.
 * @param directory the folder of the bundle, which holds the built-in model's worker.
 */
export async function main(args: readonly string[], directory: URL, version: string): Promise<number> {
	// A reader that has enough (`| head`) is not an error; any other failure to write is reported in one line.
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") return;
		process.exitCode = 1;
		process.stderr.write(`mcp-mem0: the output cannot be written (${error.message}).\n`);
	});
	let env: Environment = process.env;
	try {
		const parsed = parseCommandLine(args);
		if (typeof parsed === "string") {
			process.stdout.write(`${parsed === "help" ? usage : version}\n`);
			return 0;
		}
		const { command, operands, flags } = parsed;
		const loaded = loadEnvironment(process.env, process.cwd(), parsed.envFile);
		env = loaded.env;
		const bundles = {
			embedder: fileURLToPath(new URL("embedder.cjs", directory)),
			mem0: fileURLToPath(new URL("mem0.js", directory)),
		};
		return await command.run({ env, envFile: loaded.file, bundles, version }, operands, flags);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EPIPE") return 0;
		const redact = redactor(secretsIn(env, env));
		process.stderr.write(`mcp-mem0: ${redact(errorText(error))}\n`);
		return 1;
	}
}
