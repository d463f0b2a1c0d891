import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { SaveRequest } from "../requests.ts";
import { saveRequest } from "./requestSchemas.ts";

/** A save that a team's server could not take. */
export interface KeptSave {
	/** That the memory gets on the server, where a save of the same id counts once. */
	readonly id: string;
	readonly userId: string;
	/** ms since 1970 */
	readonly at: number;
	readonly request: SaveRequest;
}

/** ms after which nobody is still writing a file. */
const longestWriting = 3_600_000;

/** That something was taken back which may have reached the server all the same. */
export type Withdrawn = Pick<KeptSave, "id" | "userId" | "at">;

const Whose = z.object({
	id: z.uuid(),
	userId: z.string().min(1),
	at: z.number().int().nonnegative(),
});
const Kept = Whose.extend({ request: saveRequest });

/**
 * A file for each save that waits for a team's server, in a folder of that server. Several processes use it at once: a file
 * is whole once it is there, and whoever delivers what another delivers as well does no harm.
 */
export class KeptSaves {
	readonly #folder: string;
	/** What was read, by the names of the files, which do not change: every search looks at all of them. */
	#read = new Map<string, KeptSave>();
	/** By id, for an Undo: the files have no text of them any more. */
	readonly #withdrawn = new Map<string, KeptSave>();

	constructor(folder: string) {
		this.#folder = folder;
	}

	/** On the disk when this settles, behind those that are there already, whatever the clock says. */
	async keep(save: KeptSave): Promise<void> {
		await mkdir(this.#folder, { recursive: true, mode: 0o700 });
		const last = (await this.#names(".json")).at(-1) ?? "";
		const at = Math.max(save.at, Number.parseInt(last, 10) + 1 || 0);
		const path = join(this.#folder, nameOf({ ...save, at }));
		const part = `${path}.part`;
		try {
			const file = await open(part, "wx", 0o600);
			try {
				await file.writeFile(JSON.stringify({ ...save, at }));
				await file.sync();
			} finally {
				await file.close();
			}
			await rename(part, path);
		} catch (error) {
			await rm(part, { force: true });
			throw error;
		}
	}

	/** Oldest first. @param onUnreadable gets the path of what is no such file. */
	async all(onUnreadable: (path: string) => void = () => undefined): Promise<readonly KeptSave[]> {
		const before = this.#read;
		const saves = new Map<string, KeptSave>();
		for (const name of await this.#names(".json")) {
			const save = before.get(name) ?? (await this.#readFile(name, Kept, onUnreadable));
			if (save) saves.set(name, save as KeptSave);
		}
		this.#read = saves;
		return [...saves.values()];
	}

	/** Erases what a process was writing that was killed meanwhile: nobody was told that it is kept. */
	async sweep(): Promise<void> {
		for (const name of await this.#names(".part")) {
			const path = join(this.#folder, name);
			const written = await stat(path).catch(() => undefined);
			if (written && Date.now() - written.mtimeMs > longestWriting) await rm(path, { force: true });
		}
	}

	async withdrawn(onUnreadable: (path: string) => void): Promise<readonly Withdrawn[]> {
		const names = await this.#names(".withdrawn");
		const all = await Promise.all(names.map((name) => this.#readFile(name, Whose, onUnreadable)));
		return all.filter((each) => each !== undefined);
	}

	/** Sorted. */
	async #names(end: string): Promise<readonly string[]> {
		const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
			if (error.code === "ENOENT") return [];
			throw error;
		});
		return names.filter((each) => each.endsWith(end)).sort();
	}

	async #readFile<T>(
		name: string,
		schema: z.ZodType<T>,
		onUnreadable: (path: string) => void,
	): Promise<T | undefined> {
		const path = join(this.#folder, name);
		const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
			// Another process has delivered it.
			if (error.code === "ENOENT") return undefined;
			throw error;
		});
		if (text === undefined) return undefined;
		const { data } = schema.safeParse(jsonIn(text));
		if (data === undefined) onUnreadable(path);
		return data;
	}

	/** The files of those that are never to be sent again. */
	async refused(): Promise<readonly string[]> {
		const names = await readdir(this.#folder).catch(() => []);
		return names.filter((each) => each.endsWith(".refused")).map((name) => join(this.#folder, name));
	}

	/** Keeps the text of one that is never to be sent again. @returns where. */
	async setAside(save: KeptSave): Promise<string> {
		const path = join(this.#folder, nameOf(save));
		const aside = path.replace(/json$/, "refused");
		await rename(path, aside).catch((error: NodeJS.ErrnoException) => {
			// Another process has.
			if (error.code !== "ENOENT") throw error;
		});
		return aside;
	}

	/** It leaves no more than its id. @returns whether it was still there. */
	async withdraw(save: KeptSave): Promise<boolean> {
		const { id, userId, at } = save;
		const path = join(this.#folder, nameOf(save));
		const left = path.replace(/json$/, "withdrawn");
		try {
			await rename(path, left);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
			throw error;
		}
		await writeFile(left, JSON.stringify({ id, userId, at }));
		this.#withdrawn.set(id, save);
		return true;
	}

	/** Keeps again what this process has withdrawn. @returns it by the ids it had: one that the server knows as deleted gets another. */
	async putBack(userId: string, ids: readonly unknown[]): Promise<ReadonlyMap<string, KeptSave>> {
		const back = new Map<string, KeptSave>();
		for (const save of this.#withdrawn.values()) {
			if (save.userId !== userId || !ids.includes(save.id)) continue;
			const again = (await this.forgetWithdrawn(save)) ? save : { ...save, id: randomUUID() };
			await this.keep(again);
			this.#withdrawn.delete(save.id);
			back.set(save.id, again);
		}
		return back;
	}

	/** The server has nothing of it any more, or is to have it after all. @returns whether this call was what ended it. */
	async forgetWithdrawn(save: Withdrawn): Promise<boolean> {
		try {
			await rm(join(this.#folder, nameOf(save).replace(/json$/, "withdrawn")));
			return true;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
			throw error;
		}
	}

	async forget(save: KeptSave): Promise<void> {
		await rm(join(this.#folder, nameOf(save)), { force: true });
	}
}

/** Where this machine keeps what waits for a server. */
export function keptFolder(memoryDir: string, url: string): string {
	const name = createHash("sha256").update(url).digest("hex").slice(0, 16);
	return join(memoryDir, "team", name);
}

/** In the order of time. */
function nameOf({ at, id }: Withdrawn): string {
	return `${String(at).padStart(16, "0")}-${id}.json`;
}

function jsonIn(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// It is told of as what it is: not readable.
		return undefined;
	}
}
