/** A vector as stored: float32, in the machine's byte order (little-endian on every platform of VS Code). */
export function toBlob(values: Float32Array): Uint8Array {
	return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function toFloats(blob: Uint8Array): Float32Array {
	const aligned = blob.byteOffset % 4 === 0 ? blob : blob.slice();
	return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** The cosine of two vectors of length 1, as all stored vectors are. */
export function dotProduct(a: Float32Array, b: Float32Array): number {
	// Four sums, so that no addition waits for the one before it.
	let first = 0;
	let second = 0;
	let third = 0;
	let fourth = 0;
	const whole = a.length & ~3;
	for (let i = 0; i < whole; i += 4) {
		first += (a[i] as number) * (b[i] as number);
		second += (a[i + 1] as number) * (b[i + 1] as number);
		third += (a[i + 2] as number) * (b[i + 2] as number);
		fourth += (a[i + 3] as number) * (b[i + 3] as number);
	}
	for (let i = whole; i < a.length; i += 1) first += (a[i] as number) * (b[i] as number);
	return first + second + third + fourth;
}
