// The package's own types refer to TensorFlow.js packages that it bundles and does not install.
declare module "@energetic-ai/core" {
	export interface Tensor {
		readonly shape: readonly number[];
		data(): Promise<Float32Array>;
		dispose(): void;
	}
	export interface GraphModel {
		executeAsync(inputs: Readonly<Record<string, Tensor>>, outputs: readonly string[]): Promise<Tensor[]>;
		dispose(): void;
	}
	export function tensor1d(values: readonly number[], type: "int32"): Tensor;
	export function tensor2d(
		values: readonly (readonly number[])[],
		shape: readonly [number, number],
		type: "int32",
	): Tensor;
	export function env(): { set(flag: string, value: boolean): void };
	export interface GraphFiles {
		readonly modelTopology: object;
		readonly weightSpecs: readonly object[];
		readonly weightData: ArrayBuffer;
	}
	export function loadGraphModel(files: { load(): Promise<GraphFiles> }): Promise<GraphModel>;
}
