/** ms between lines of progress where stderr is not a terminal. */
const interval = 5000;

/** Progress on stderr: on a terminal one line that is overwritten, elsewhere a line every few seconds. */
export function progressLine() {
	const terminal = process.stderr.isTTY;
	let last = Date.now();
	/** Empties the line before something else is written on it. */
	const clear = () => (terminal ? "\r\x1b[K" : "");
	return {
		show(text: string): void {
			if (!terminal && Date.now() - last < interval) return;
			last = Date.now();
			process.stderr.write(`${clear()}${text}${terminal ? "" : "\n"}`);
		},
		clear,
	};
}
