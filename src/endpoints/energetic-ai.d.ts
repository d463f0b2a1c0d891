// The package's own types refer to TensorFlow.js packages that it bundles and does not install.
declare module "@energetic-ai/core" {
	export interface GraphModel {
		dispose(): void;
	}
	export function env(): { set(flag: string, value: boolean): void };
	export function loadGraphModel(url: string): Promise<GraphModel>;
}
