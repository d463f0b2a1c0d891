/** Entry of a child process: runs the part named on its command line and sends its parent the outcome. */
import { CannotRun, type Outcome } from "./figure.ts";
import { parts } from "./parts.ts";

const part = process.argv[2] ?? "";
process.send?.(await outcome());
process.disconnect?.();

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
