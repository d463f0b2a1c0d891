import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CannotRun } from "./figure.ts";

/**
 * The absolute path of something the build made, given relative to the repository.
 * @throws CannotRun
 */
export function built(file: string): string {
	const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
	if (!existsSync(path)) throw new CannotRun(`${file} is missing: run npm run package`);
	return path;
}
