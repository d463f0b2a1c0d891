import { timedNow } from "./timed.ts";

const size = 128 * 1024 * 1024;
const runs = 7;

/** How fast this machine's memory is read by one thread, in bytes a second: two large equal buffers compared by the C library. */
export function memoryBandwidth(): number {
	const one = Buffer.alloc(size, 1);
	const other = Buffer.alloc(size, 1);
	let best = Infinity;
	for (let run = 0; run < runs; run += 1)
		best = Math.min(
			best,
			timedNow(() => one.equals(other)),
		);
	return (2 * size) / (best / 1000);
}
