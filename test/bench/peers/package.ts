import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { cached, npm } from "../../support/cache.ts";
import { CannotRun } from "../figure.ts";

/**
 * A package that only the bench needs, installed into the cache of tests when it is first asked for. Its prebuilt
 * binary is taken; nothing is compiled.
 * @throws CannotRun
 */
export async function benchPackage(name: string, version: string): Promise<unknown> {
	try {
		const folder = await cached(`bench-${name.replace(/\W+/g, "-")}-${version}`, async (partial) => {
			await writeFile(join(partial, "package.json"), '{"private":true}');
			// With what it wants beside it: this project's own setting to leave that out is in the environment.
			await npm(partial, "install", `${name}@${version}`, "--ignore-scripts", "--legacy-peer-deps=false");
		});
		const file = createRequire(join(folder, "package.json")).resolve(name);
		return await import(pathToFileURL(file).href);
	} catch (error) {
		const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
		throw new CannotRun(`${name} ${version} is not to be had here (${why})`);
	}
}
