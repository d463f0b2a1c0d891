/** ms between lines of progress where stderr is no terminal. */
const interval = 5000;

/** On a terminal one line that is written over, elsewhere a line every few seconds. */
export function progressLine() {
	const terminal = process.stderr.isTTY;
	let last = Date.now();
	return {
		show(text: string): void {
			if (!terminal && Date.now() - last < interval) return;
			last = Date.now();
			process.stderr.write(`${this.clear()}${text}${terminal ? "" : "\n"}`);
		},
		/** What empties the line before something else is written on it. */
		clear: () => (terminal ? "\r\x1b[K" : ""),
	};
}
