import { registerHooks } from "node:module";

/** mem0ai, and what its SQLite is. */
export interface Mem0Package {
	readonly module: object;
	/** For the table. */
	readonly name: string;
}

let loaded: Promise<Mem0Package | undefined> | undefined;

/**
 * mem0ai as its users have it, but for its native `better-sqlite3`, which aborts the process under this Node when one
 * of its statements is collected: the same SQL runs on Node's own SQLite. Undefined: no mem0ai at all. Its telemetry
 * is off, and what it would write to the home folder goes to `folder`.
 */
export function loadMem0(folder: string): Promise<Mem0Package | undefined> {
	// Read when the module is loaded.
	process.env.MEM0_TELEMETRY = "false";
	process.env.MEM0_DIR = folder;
	loaded ??= onStandIn().catch((error: unknown) => {
		console.error(
			`No mem0ai here to compare with: ${error instanceof Error ? error.message : String(error)}`,
		);
		return undefined;
	});
	return loaded;
}

async function onStandIn(): Promise<Mem0Package> {
	const url = new URL("sqliteStandIn.ts", import.meta.url).href;
	registerHooks({
		resolve: (specifier, context, next) =>
			specifier === "better-sqlite3" ? { url, shortCircuit: true } : next(specifier, context),
	});
	return { module: (await import("mem0ai/oss")) as object, name: "plain mem0ai" };
}
