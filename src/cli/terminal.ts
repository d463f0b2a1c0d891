/**
 * The only file that writes to the terminal, or to what stands in its place: texts from elsewhere do nothing there.
 * stdout is for results (and the MCP protocol), stderr for everything else.
 */
import { inJson, plain } from "../text/inert.ts";

/** ms between lines of progress where stderr is not a terminal. */
const interval = 5000;

export function print(text: string): void {
	process.stdout.write(`${plain(text)}\n`);
}

export function printJson(value: unknown): void {
	process.stdout.write(`${inJson(value, 2)}\n`);
}

export function say(text: string): void {
	process.stderr.write(`${plain(text)}\n`);
}

/** Resolves when the text is out: the process may end then. */
export function printToEnd(text: string): Promise<void> {
	return new Promise((resolve) => process.stdout.write(`${plain(text)}\n`, () => resolve()));
}

/** From now on, nothing gets to stderr, whoever writes it: Node's own warnings, too. */
export function silence(): void {
	process.stderr.write = () => true;
}

/** Progress on stderr: on a terminal one line that is overwritten, elsewhere a line every few seconds. */
export function progressLine(pause = interval) {
	const terminal = process.stderr.isTTY;
	let last = Date.now();
	/** Empties the line before something else is written on it. */
	const clear = () => {
		if (terminal) process.stderr.write("\r\x1b[K");
	};
	return {
		show(text: string): void {
			if (!terminal && Date.now() - last < pause) return;
			last = Date.now();
			clear();
			process.stderr.write(`${plain(text)}${terminal ? "" : "\n"}`);
		},
		clear,
	};
}
