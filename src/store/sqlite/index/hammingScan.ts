import { hammingScanBytes } from "./hammingScanBytes.ts";

/** `simd` is about five times as fast as `plain`. */
export type HammingImplementation = "simd" | "plain";

/**
 * Compares `count` signatures, which lie one after the other, with the query's; all offsets in bytes.
 * @param blocks 16-byte blocks per signature.
 * @param distances where the 16-bit counts go.
 */
type Scan = (signatures: number, query: number, count: number, blocks: number, distances: number) => void;

interface WasmMemory {
	readonly buffer: ArrayBuffer;
	grow(pages: number): number;
}

/** The part of WebAssembly used here: Node's types leave it to the types of browsers. */
const { Instance, Memory, Module, validate } = (
	globalThis as unknown as {
		readonly WebAssembly: {
			readonly validate: (bytes: Uint8Array) => boolean;
			readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
			readonly Module: new (bytes: Uint8Array) => object;
			readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly s: Scan } };
		};
	}
).WebAssembly;

const pageSize = 65_536;
/** The most that 32-bit WebAssembly can address. */
const mostPages = 65_536;

/** The assembled hammingScan.wat. */
const wasm = Buffer.from(hammingScanBytes, "base64");

/** What scans use on this machine: `plain` where the processor or Node.js has no WebAssembly SIMD. */
export function hammingImplementation(): HammingImplementation {
	return validate(wasm) ? "simd" : "plain";
}

/** Counts the bits in which signatures differ from the query's, many at once. */
export class Hamming {
	readonly scan: Scan;
	readonly #memory: WasmMemory;
	#bytes: Uint8Array;

	/** @throws CompileError for `simd` where there is none. */
	constructor(size: number, implementation: HammingImplementation = hammingImplementation()) {
		const memory = new Memory({ initial: Math.ceil(size / pageSize), maximum: mostPages });
		this.#memory = memory;
		this.#bytes = new Uint8Array(memory.buffer);
		this.scan =
			implementation === "simd"
				? new Instance(new Module(wasm), { m: { m: memory } }).exports.s
				: (...offsets) => plainScan(memory.buffer, ...offsets);
	}

	/** The memory that `scan` reads and writes; `grow` replaces it. */
	get bytes(): Uint8Array {
		return this.#bytes;
	}

	/** Makes room for `size` bytes and keeps the content. */
	grow(size: number): void {
		const missing = Math.ceil(size / pageSize) - this.#memory.buffer.byteLength / pageSize;
		if (missing <= 0) return;
		this.#memory.grow(missing);
		this.#bytes = new Uint8Array(this.#memory.buffer);
	}
}

function plainScan(buffer: ArrayBuffer, ...[signatures, query, count, blocks, distances]: Parameters<Scan>) {
	const words = new Uint32Array(buffer);
	const results = new Uint16Array(buffer, distances, count);
	const width = blocks * 4;
	const wanted = words.subarray(query / 4, query / 4 + width);
	for (let one = 0, at = signatures / 4; one < count; one += 1) {
		let distance = 0;
		for (let word = 0; word < width; word += 1, at += 1) {
			let bits = (words[at] as number) ^ (wanted[word] as number);
			bits -= (bits >>> 1) & 0x55555555;
			bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
			distance += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
		}
		results[one] = distance;
	}
}
