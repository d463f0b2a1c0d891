import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../../store/types.ts";

/*
 * Hooks have no time for a language model, and no key: they leave word of a session, in a file beside the database. A
 * process that has a model captures it when it comes to it. The folder is there once the user has turned capturing on.
 */

/** A part of a session that facts are to be looked for in. */
export interface CaptureRequest {
	/** The path of the file in which the client keeps the session. */
	readonly transcript: string;
	readonly client?: string | undefined;
	readonly clientVersion?: string | undefined;
	readonly project?: Project | undefined;
	readonly conversationId?: string | undefined;
	/** Whether little that is new is worth asking a model, because what is old will be gone. */
	readonly isLast?: boolean | undefined;
}

/** Sessions that wait; of more, the oldest are forgotten. */
const most = 200;
/** ms after which a client may have removed the session. */
const oldest = 14 * 86_400_000;
const form = /^[\w-]{43}\.json$/;
/** Files of ours, also half-written ones. */
const own = /^[\w-]{43}\.(?:json|[\w-]{36}\.partial)$/;

/** @param folder of the database. */
export function captureFolder(folder: string): string {
	return join(folder, "captures");
}

/** The user has turned capturing on. */
export async function allowCaptures(folder: string): Promise<void> {
	await mkdir(captureFolder(folder), { recursive: true, mode: 0o700 });
}

/**
 * Leaves word of a session, if capturing is on; a later one of the same session takes the place of an earlier.
 * @param ask is called if it is on.
 */
export async function requestCapture(folder: string, ask: () => Promise<CaptureRequest>): Promise<boolean> {
	const directory = captureFolder(folder);
	if (!existsSync(directory)) return false;
	const request = await ask();
	const name = createHash("sha256").update(request.transcript).digest("base64url");
	const partial = join(directory, `${name}.${randomUUID()}.partial`);
	await writeFile(partial, JSON.stringify(request), { mode: 0o600 });
	await rename(partial, join(directory, `${name}.json`));
	return true;
}

export interface WaitingCapture {
	readonly request: CaptureRequest;
	/** It has been dealt with, unless somebody has asked again meanwhile. */
	settle(): Promise<void>;
}

/** The sessions that wait, oldest first. Removes files that are none. */
export async function waitingCaptures(folder: string): Promise<readonly WaitingCapture[]> {
	const directory = captureFolder(folder);
	const names = await readdir(directory).catch(() => []);
	const files = await Promise.all(
		names
			.filter((name) => own.test(name))
			.map(async (name) => {
				const path = join(directory, name);
				return { path, name, at: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
			}),
	);
	const newestFirst = files.toSorted((one, other) => other.at - one.at);
	const [kept, old] = [newestFirst.slice(0, most), newestFirst.slice(most)];
	const found: WaitingCapture[] = [];
	for (const { path, name, at } of kept.toReversed()) {
		const request = Date.now() - at < oldest && form.test(name) ? await readRequest(path) : undefined;
		if (!request) {
			// A file that is being written has another name, for a moment.
			if (Date.now() - at > 60_000) old.push({ path, name, at });
			continue;
		}
		const settle = async () => {
			const now = await stat(path).catch(() => undefined);
			if (now?.mtimeMs === at) await rm(path, { force: true });
		};
		found.push({ request, settle });
	}
	for (const { path } of old) await rm(path, { force: true });
	return found;
}

async function readRequest(path: string): Promise<CaptureRequest | undefined> {
	try {
		const request = JSON.parse(await readFile(path, "utf8")) as CaptureRequest;
		return typeof request.transcript === "string" ? request : undefined;
	} catch {
		// Cut off, or somebody else has settled it.
		return undefined;
	}
}
