import { open } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { claudeCodeEntries } from "./claudeCode.ts";
import { copilotEntries } from "./copilotEvents.ts";
import type { TranscriptEntry } from "./entry.ts";

/** Bytes that are read, from the end: a session of days has many megabytes. */
const longestTail = 1024 * 1024;

export interface Transcript {
	/** In their order. */
	readonly entries: readonly TranscriptEntry[];
	/** The bytes of the file up to the end of its last whole line: what is new the next time begins here. */
	readonly end: number;
}

/** The forms of lines; of a line in none of them nothing is read. */
const forms = [claudeCodeEntries, copilotEntries];

/**
 * The last part of a session's transcript.
 * @param from bytes that were read before.
 * @throws Error if it cannot be read, or is no file.
 */
export async function readTranscript(path: string, from = 0): Promise<Transcript> {
	// Windows would log in to another machine with the user's name.
	if (!isAbsolute(path) || /^[\\/]{2}/.test(path)) throw new Error("The transcript is not a local file.");
	const file = await open(path, "r");
	try {
		const stats = await file.stat();
		if (!stats.isFile()) throw new Error("The transcript is not a file.");
		// It was written anew.
		const known = from <= stats.size ? from : 0;
		const start = Math.max(known, stats.size - longestTail);
		const bytes = Buffer.alloc(stats.size - start);
		const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
		const whole = bytes.subarray(0, bytesRead).lastIndexOf("\n") + 1;
		const lines = bytes.toString("utf8", 0, whole).split("\n");
		// Cut in two.
		if (start > known) lines.shift();
		return { entries: lines.flatMap(entriesOf), end: start + whole };
	} finally {
		await file.close();
	}
}

function entriesOf(line: string): readonly TranscriptEntry[] {
	try {
		const value: unknown = JSON.parse(line);
		for (const form of forms) {
			const entries = form(value);
			if (entries) return entries;
		}
		return [];
	} catch {
		// An empty line, or one that was cut off when the client was killed.
		return [];
	}
}
