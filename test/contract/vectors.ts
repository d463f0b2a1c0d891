export const space = { provider: "test", origin: "", model: "three", dimensions: 3 };

/** Of length 1. */
export function vector(...values: number[]): Float32Array {
	const length = Math.hypot(...values);
	return Float32Array.from(values, (value) => value / length);
}
