import { counted } from "../text/wording.ts";
import type { CliContext } from "./context.ts";
import { progressLine } from "./progressLine.ts";

/** Embeds all memories with the configured model. Ctrl-C leaves out the rest, which another run takes up. */
export async function reembedMemories(context: CliContext): Promise<number> {
	const memory = await context.openMemory();
	const stop = new AbortController();
	const cancel = () => stop.abort(new Error("cancelled"));
	process.once("SIGINT", cancel);
	const line = progressLine();
	try {
		const { description } = (await memory.status()).embedding;
		process.stderr.write(`Embedding with ${description}.\n`);
		const { done, total } = await memory.reembedding.run(
			(progress) => line.show(`${progress.done} of ${counted(progress.total)}`),
			stop.signal,
		);
		process.stderr.write(line.clear());
		process.stderr.write(
			stop.signal.aborted
				? `Cancelled: ${done} of ${counted(total)} done. Run it again to go on.\n`
				: `${counted(done)} embedded.\n`,
		);
		return stop.signal.aborted ? 1 : 0;
	} catch (error) {
		process.stderr.write(line.clear());
		throw error;
	} finally {
		process.removeListener("SIGINT", cancel);
		await memory.dispose();
	}
}
