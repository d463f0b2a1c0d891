import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SyntheticQuery } from "./corpus.ts";

const entry = fileURLToPath(new URL("ownSearchProcess.ts", import.meta.url));

/** Queries before the measured ones. */
export const warmUp = 150;

export interface Asked {
	/** Of the database. */
	readonly folder: string;
	readonly dimensions: number;
	readonly queries: readonly SyntheticQuery[];
}

export interface OwnSearch {
	/** ms */
	readonly searches: readonly number[];
	/** ms the event loop was held up by each. */
	readonly stretches: readonly number[];
	/** The ten nearest to each query, by their place in the list of memories. */
	readonly nearest: readonly (readonly number[])[];
	/** Of the index in RAM. */
	readonly bytes: number;
	/** ms */
	readonly builds: readonly number[];
	readonly firstStretches: readonly number[];
}

/** Measures our search in a process of its own, whose heap does not hold the corpus, so that no collection of it is taken for ours. */
export function measureOwnSearch(asked: Asked): Promise<OwnSearch> {
	return new Promise((resolve, reject) => {
		const child = fork(entry, { serialization: "advanced", stdio: ["ignore", "inherit", "inherit", "ipc"] });
		let measured: OwnSearch | undefined;
		child.on("message", (message) => {
			measured = message as OwnSearch;
		});
		child.once("error", reject);
		child.once("close", (code, signal) =>
			measured
				? resolve(measured)
				: reject(new Error(`The process that measures our search ended with ${signal ?? code}.`)),
		);
		child.send(asked);
	});
}
