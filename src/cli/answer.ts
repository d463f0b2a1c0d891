import { createInterface } from "node:readline/promises";

/** Asks on a terminal. Ctrl-C and Ctrl-D cancel. */
export async function answerTo(
	question: string,
	input: NodeJS.ReadableStream = process.stdin,
	output: NodeJS.WritableStream = process.stderr,
): Promise<"yes" | "no" | "cancelled"> {
	const terminal = createInterface({ input, output });
	try {
		return /^y(es)?$/i.test((await terminal.question(question)).trim()) ? "yes" : "no";
	} catch (error) {
		if ((error as Error).name !== "AbortError") throw error;
		// Nothing was typed after the question.
		output.write("\n");
		return "cancelled";
	} finally {
		terminal.close();
	}
}
