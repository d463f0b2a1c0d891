/** Counts the bits in which signatures differ from the query's, many at once. */
export interface Hamming {
	/** The memory it works on; replaced when it grows. */
	readonly bytes: Uint8Array;
	/** Makes room for so many bytes; what is there stays. */
	grow(size: number): void;
	/**
	 * Compares `count` signatures, which lie one after the other, with the query's; all offsets in bytes.
	 * @param blocks 16-byte blocks a signature.
	 * @param distances where the 16-bit counts go.
	 */
	scan(signatures: number, query: number, count: number, blocks: number, distances: number): void;
}

/** What is used of WebAssembly, which the types of Node leave to those of browsers. */
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

/** With WASM's SIMD where the processor has it, five times as fast as without. */
export function createHamming(size: number): Hamming {
	return webAssembly.validate(wasm) ? new SimdHamming(size) : new PlainHamming(size);
}

class SimdHamming implements Hamming {
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

/**
 * The module, assembled by hand (WebAssembly Core Specification 2.0, 5.4 and 5.5), in the text format:
 *
 * (module (import "m" "m" (memory 0 65536))
 *   (func (export "s") (param $signatures i32) (param $query i32) (param $count i32) (param $blocks i32) (param $distances i32)
 *     (local $end i32) (local $block i32) (local $sum v128)
 *     local.get $distances  local.get $count  i32.const 1  i32.shl  i32.add  local.set $end
 *     (loop $signature
 *       (if (local.get $distances  local.get $end  i32.lt_u) (then
 *         v128.const 0  local.set $sum
 *         i32.const 0  local.set $block
 *         (loop $next
 *           local.get $signatures  v128.load
 *           local.get $query  local.get $block  i32.const 4  i32.shl  i32.add  v128.load
 *           v128.xor  i8x16.popcnt  i16x8.extadd_pairwise_i8x16_u
 *           local.get $sum  i16x8.add  local.set $sum
 *           local.get $signatures  i32.const 16  i32.add  local.set $signatures
 *           local.get $block  i32.const 1  i32.add  local.tee $block
 *           local.get $blocks  i32.lt_u  br_if $next)
 *         local.get $distances
 *         local.get $sum  i32x4.extadd_pairwise_i16x8_u  local.tee $sum  i32x4.extract_lane 0
 *         local.get $sum  i32x4.extract_lane 1  i32.add
 *         local.get $sum  i32x4.extract_lane 2  i32.add
 *         local.get $sum  i32x4.extract_lane 3  i32.add
 *         i32.store16
 *         local.get $distances  i32.const 2  i32.add  local.set $distances
 *         br $signature)))))
 */
const wasm = assembled();

function assembled(): Uint8Array<ArrayBuffer> {
	const [i32, v128, empty] = [0x7f, 0x7b, 0x40];
	const [signatures, query, count, blocks, distances, end, block, sum] = [0, 1, 2, 3, 4, 5, 6, 7];
	const get = (local: number) => [0x20, local];
	const set = (local: number) => [0x21, local];
	const tee = (local: number) => [0x22, local];
	const constant = (value: number) => [0x41, value];
	const [add, shl, lessThan] = [0x6a, 0x74, 0x49];
	const simd = (opcode: number, ...rest: number[]) => [0xfd, ...unsigned(opcode), ...rest];
	const load = simd(0, 4, 0);
	const lane = (index: number) => simd(27, index);
	const ended = 0x0b;
	const body = [
		// Locals: two i32, one v128.
		...[2, 2, i32, 1, v128],
		...[...get(distances), ...get(count), ...constant(1), shl, add, ...set(end)],
		...[0x03, empty, ...get(distances), ...get(end), lessThan, 0x04, empty],
		...[...simd(12, ...new Array<number>(16).fill(0)), ...set(sum), ...constant(0), ...set(block)],
		...[0x03, empty, ...get(signatures), ...load],
		...[...get(query), ...get(block), ...constant(4), shl, add, ...load],
		...[...simd(81), ...simd(98), ...simd(125)],
		...[...get(sum), ...simd(142), ...set(sum)],
		...[...get(signatures), ...constant(16), add, ...set(signatures)],
		...[...get(block), ...constant(1), add, ...tee(block), ...get(blocks), lessThan, 0x0d, 0, ended],
		...[...get(distances), ...get(sum), ...simd(127), ...tee(sum), ...lane(0)],
		...[1, 2, 3].flatMap((index) => [...get(sum), ...lane(index), add]),
		...[0x3b, 1, 0, ...get(distances), ...constant(2), add, ...set(distances), 0x0c, 1, ended, ended, ended],
	];
	const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content];
	const m = [1, 0x6d];
	return Uint8Array.from([
		...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
		...section(1, [1, 0x60, 5, i32, i32, i32, i32, i32, 0]),
		...section(2, [1, ...m, ...m, 2, 1, 0, ...unsigned(mostPages)]),
		...section(3, [1, 0]),
		...section(7, [1, 1, 0x73, 0, 0]),
		...section(10, [1, ...unsigned(body.length), ...body]),
	]);
}

/** LEB128. */
function unsigned(value: number): number[] {
	return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}
