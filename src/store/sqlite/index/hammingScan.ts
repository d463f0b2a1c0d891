import { hammingScanBytes } from "./hammingScanBytes.ts";

/** Counts the bits in which signatures differ from the query's, many at once. */
export interface Hamming {
	/** `simd` is about five times as fast as `plain`. */
	readonly implementation: "simd" | "plain";
	/** The memory the scan reads and writes; `grow` replaces it. */
	readonly bytes: Uint8Array;
	/** Makes room for `size` bytes and keeps the content. */
	grow(size: number): void;
	/**
	 * Compares `count` signatures, which lie one after the other, with the query's; all offsets in bytes.
	 * @param blocks 16-byte blocks a signature.
	 * @param distances where the 16-bit counts go.
	 */
	scan(signatures: number, query: number, count: number, blocks: number, distances: number): void;
}

/** The part of WebAssembly used here: Node's types leave it to the types of browsers. */
interface WebAssemblyApi {
	validate(bytes: Uint8Array): boolean;
	readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
	readonly Module: new (bytes: Uint8Array) => object;
	readonly Instance: new (
		module: object,
		imports: object,
	) => { readonly exports: { readonly s: Hamming["scan"] } };
}

interface WasmMemory {
	readonly buffer: ArrayBuffer;
	grow(pages: number): number;
}

const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

const pageSize = 65_536;
/** The most that 32-bit WASM can address. */
const mostPages = 65_536;

/** The assembled hammingScan.wat. */
const wasm = Buffer.from(hammingScanBytes, "base64");

/** What `createHamming` uses here: `plain` where the processor or Node.js has no WebAssembly SIMD. */
export function hammingImplementation(): Hamming["implementation"] {
	return webAssembly.validate(wasm) ? "simd" : "plain";
}

export function createHamming(size: number): Hamming {
	return hammingImplementation() === "simd" ? new SimdHamming(size) : new PlainHamming(size);
}

/** In WebAssembly. @throws CompileError where there is no SIMD. */
export class SimdHamming implements Hamming {
	readonly implementation = "simd";
	readonly #memory: WasmMemory;
	readonly scan: Hamming["scan"];
	#bytes: Uint8Array;

	constructor(size: number) {
		this.#memory = new webAssembly.Memory({ initial: Math.ceil(size / pageSize), maximum: mostPages });
		const { exports } = new webAssembly.Instance(new webAssembly.Module(wasm), { m: { m: this.#memory } });
		this.scan = exports.s;
		this.#bytes = new Uint8Array(this.#memory.buffer);
	}

	get bytes(): Uint8Array {
		return this.#bytes;
	}

	grow(size: number): void {
		const missing = Math.ceil(size / pageSize) - this.#memory.buffer.byteLength / pageSize;
		if (missing <= 0) return;
		this.#memory.grow(missing);
		this.#bytes = new Uint8Array(this.#memory.buffer);
	}
}

/** The same in JavaScript. */
export class PlainHamming implements Hamming {
	readonly implementation = "plain";
	#bytes: Uint8Array;

	constructor(size: number) {
		this.#bytes = new Uint8Array(Math.ceil(size / 4) * 4);
	}

	get bytes(): Uint8Array {
		return this.#bytes;
	}

	grow(size: number): void {
		if (size <= this.#bytes.length) return;
		const larger = new Uint8Array(Math.ceil(size / 4) * 4);
		larger.set(this.#bytes);
		this.#bytes = larger;
	}

	scan(signatures: number, query: number, count: number, blocks: number, distances: number): void {
		const words = new Uint32Array(this.#bytes.buffer);
		const results = new Uint16Array(this.#bytes.buffer, distances, count);
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
}
