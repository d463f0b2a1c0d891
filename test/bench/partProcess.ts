/** Entry of a child process: runs the part named on its command line and sends its parent the outcome. */
import { CannotRun, type Outcome } from "./figure.ts";
import { parts } from "./parts.ts";

const part = process.argv[2] ?? "";
// A message larger than the pipe is lost when the process takes its leave before it has been read.
process.send?.(await outcome(), undefined, undefined, () => process.disconnect());

async function outcome(): Promise<Outcome> {
	try {
		const measure = await parts[part]?.();
		if (!measure) throw new Error(`There is no part «${part}».`);
		return { part, figures: await measure() };
	} catch (error) {
		if (error instanceof CannotRun) return { part, cannotRun: error.message };
		return { part, crashed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	}
}
