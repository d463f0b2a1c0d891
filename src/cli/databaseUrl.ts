import { text } from "node:stream/consumers";

/** The URL that is named on the command line, or for `-` the one on stdin, where no list of processes shows its password. */
export async function databaseUrlFrom(given: string): Promise<string> {
	return given === "-" ? (await text(process.stdin)).trim() : given;
}
