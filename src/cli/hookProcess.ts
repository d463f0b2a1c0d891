import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { momentOf } from "../agents/hooks/events.ts";
import { answerOf, longest } from "../agents/hooks/hook.ts";
import { printToEnd, silence } from "./terminal.ts";

/** Bytes; a longer input is none. */
const longestInput = 16_000_000;
/** ms without another piece, after which an input that a client leaves open is taken to be whole. */
const pause = 40;

/**
 * Answers one hook, then ends the process with 0: whatever goes wrong, the session around it goes on.
 * @param args behind `hook`.
 * @param directory the folder of the bundles.
 */
export async function main(args: readonly string[], directory: URL): Promise<never> {
	const leave = () => process.exit(0);
	silence();
	process.on("uncaughtException", leave);
	process.on("unhandledRejection", leave);
	process.stdout.on("error", leave);
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			allowPositionals: true,
			strict: false,
			options: { client: { type: "string" }, env: { type: "string" }, "env-file": { type: "string" } },
		});
		const [event = ""] = positionals;
		const moment = momentOf(event);
		if (!moment) return leave();
		setTimeout(leave, Math.max(1, longest[moment] - performance.now()));
		const envFile = values.env ?? values["env-file"];
		const answer = await answerOf({
			client: values.client,
			event,
			input: await inputOf(process.stdin),
			env: process.env,
			envFile: typeof envFile === "string" ? envFile : undefined,
			bundles: {
				embedder: fileURLToPath(new URL("embedder.cjs", directory)),
				mem0: fileURLToPath(new URL("mem0.js", directory)),
			},
		});
		if (answer) {
			await printToEnd(answer.text);
			await answer.remember();
		}
	} catch {
		// Nobody could do anything about it now; the Doctor looks at hooks.
	}
	return leave();
}

/** @throws Error for one that is too long. */
function inputOf(stdin: NodeJS.ReadableStream): Promise<string> {
	return new Promise((resolve, reject) => {
		const pieces: Buffer[] = [];
		let length = 0;
		let quiet: NodeJS.Timeout | undefined;
		const text = () => Buffer.concat(pieces).toString("utf8");
		stdin.on("data", (piece: Buffer) => {
			pieces.push(piece);
			length += piece.length;
			if (length > longestInput) return reject(new Error("too long"));
			clearTimeout(quiet);
			quiet = setTimeout(() => isWhole(text()) && resolve(text()), pause);
		});
		stdin.once("end", () => resolve(text()));
		stdin.once("error", reject);
	});
}

function isWhole(text: string): boolean {
	try {
		JSON.parse(text.replace(/^\uFEFF/, ""));
		return true;
	} catch {
		return false;
	}
}
