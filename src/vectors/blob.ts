/** A vector as it is stored: float32, in the machine's byte order (little-endian on all that VS Code runs on). */
export function toBlob(values: Float32Array): Uint8Array {
	return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function toFloats(blob: Uint8Array): Float32Array {
	const aligned = blob.byteOffset % 4 === 0 ? blob : blob.slice();
	return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** Vectors are stored with length 1, so this is their cosine. */
export function dotProduct(a: Float32Array, b: Float32Array): number {
	// Four sums, so that one addition does not wait for the other.
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
