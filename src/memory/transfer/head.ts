/**
 * The beginning of a file, and all of it to be read after that: a pipe can be read only once.
 * @param longest bytes of the beginning, at least, where the file has as many.
 */
export async function headOf(
	file: AsyncIterable<Uint8Array>,
	longest: number,
): Promise<{
	readonly head: Uint8Array;
	readonly isWhole: boolean;
	readonly chunks: AsyncIterable<Uint8Array>;
}> {
	const iterator = file[Symbol.asyncIterator]();
	const parts: Uint8Array[] = [];
	let length = 0;
	let isWhole = false;
	while (length < longest && !isWhole) {
		const next = await iterator.next();
		if (next.done) isWhole = true;
		else {
			parts.push(next.value);
			length += next.value.length;
		}
	}
	const chunks = (async function* () {
		yield* parts.splice(0);
		for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
	})();
	return { head: Buffer.concat(parts), isWhole, chunks };
}
