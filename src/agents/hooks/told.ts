import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/*
 * What each session was told already, so that it is not told twice: in a file for each session beside the database,
 * which a locked or damaged database does not concern. It names memories, and holds no text.
 */

/** Memories that are known of a session; of more, the first told are forgotten. */
const most = 2000;
/** ms without a word to a session, after which its file is removed. */
const forgottenAfter = 14 * 86_400_000;

export interface Session {
	/** Of the database. */
	readonly folder: string;
	/** Several hooks may be told of one, each by another client's name. Absent: the client does not say which session it is, so each time is the first. */
	readonly id: string | undefined;
}

function filesIn(folder: string): string {
	return join(folder, "sessions");
}

function fileOf({ folder, id }: Session): string | undefined {
	if (id === undefined) return undefined;
	// Most are UUIDs. Node's cryptography, which could make a short name of any, takes longer to load than all else here.
	const name = /^[a-z\d-]{1,100}$/.test(id) ? id : Buffer.from(id).toString("hex").slice(0, 200);
	return join(filesIn(folder), `${name}.json`);
}

export async function toldIn(session: Session): Promise<readonly string[]> {
	const file = fileOf(session);
	const text = file && (await readFile(file, "utf8").catch(() => undefined));
	if (!text) return [];
	try {
		const value: unknown = JSON.parse(text);
		return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
	} catch {
		// It was cut off: the session is told again.
		return [];
	}
}

export async function rememberTold(session: Session, keys: readonly string[]): Promise<void> {
	const file = fileOf(session);
	if (!file) return;
	const all = [...new Set([...(await toldIn(session)), ...keys])].slice(-most);
	await mkdir(filesIn(session.folder), { recursive: true, mode: 0o700 });
	const temporary = `${file}.${process.pid}.tmp`;
	await writeFile(temporary, JSON.stringify(all), { mode: 0o600 });
	await rename(temporary, file);
}

/** The model no longer has before it what it was told. */
export async function forgetTold(session: Session): Promise<void> {
	const file = fileOf(session);
	if (file) await rm(file, { force: true });
}

/** Removes the files of sessions that nothing was heard of for long. */
export async function tidySessions(folder: string, now: number = Date.now()): Promise<void> {
	const names = await readdir(filesIn(folder)).catch(() => []);
	for (const name of names) {
		const file = join(filesIn(folder), name);
		const found = await stat(file).catch(() => undefined);
		if (found && now - found.mtimeMs > forgottenAfter) await rm(file, { force: true });
	}
}
