import { createReadStream } from "node:fs";
import { copyFile, lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Config } from "../config/config.ts";
import { InputError } from "../memory/errors.ts";
import { writeWhole } from "../memory/transfer/exportFiles.ts";
import { fileFormats } from "../memory/transfer/exporting.ts";
import { serverDump } from "../store/stores.ts";
import { oneLine } from "../text/inert.ts";
import { ageOf, counted, plural } from "../text/wording.ts";
import { type CliContext, withMemory } from "./context.ts";
import { iso } from "./memoryOutput.ts";
import { print, printJson, say } from "./terminal.ts";

/*
 * Backups of a memory in PostgreSQL: one user's memories as lines of an export, which any database takes back.
 */

const pattern = /^memories-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)Z\.jsonl$/;

interface LogicalBackup {
	readonly path: string;
	/** ms since 1970. */
	readonly at: number;
	readonly bytes: number;
	/** Undefined: a line of it is no memory. */
	readonly memories: number | undefined;
}

/** @returns the exit code. */
export async function makeLogicalBackup(context: CliContext, json: boolean): Promise<number> {
	const { config } = context;
	const { database } = config;
	if (!database) throw new TypeError("The memory is not in PostgreSQL.");
	const folder = await folderIn(config.memoryDir);
	const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
	const path = join(folder, `memories-${time}Z.jsonl`);
	let written = 0;
	await withMemory(context, async ({ transfer }) => {
		const onMemory = () => {
			written += 1;
		};
		await writeWhole(Readable.from(fileFormats.jsonl.parts({ transfer, onMemory })), path, false);
	});
	const made = await examine(path);
	if (made?.memories !== written)
		throw new InputError("file", `${path} cannot be read back whole. Free some space, and try again.`);
	let isWhole = true;
	const { directory } = config.backups;
	if (directory !== undefined)
		try {
			await mkdir(directory, { recursive: true, mode: 0o700 });
			await copyFile(path, join(directory, `memories-${time}Z.jsonl`));
		} catch (error) {
			isWhole = false;
			say(`The backup is not in ${directory}, too: ${(error as Error).message}.`);
		}
	const { dump, restore } = serverDump(database);
	if (json) printJson({ backup: asRecord(made), dump, restore });
	else print(path);
	say(
		`Backed up ${counted(written)} of ${oneLine(config.userId, 100)} with their history; read back. To bring back what is missing: mcp-mem0 import ${path}`,
	);
	say(
		`For all of the database, of all users, with vectors and what is deleted:\n  ${dump}\nand back:\n  ${restore}`,
	);
	return isWhole ? 0 : 1;
}

/** @returns the exit code. */
export async function listLogicalBackups({ memoryDir }: Config, json: boolean): Promise<number> {
	const folder = join(memoryDir, "backups");
	const names = await readdir(folder).catch(() => []);
	const found: LogicalBackup[] = [];
	for (const name of names.sort().reverse()) {
		const each = pattern.test(name) ? await examine(join(folder, name)) : undefined;
		if (each) found.push(each);
	}
	if (json) printJson({ backups: found.map(asRecord) });
	else
		for (const { path, at, memories } of found)
			print(`${path}  ${memories === undefined ? "DAMAGED" : counted(memories)}  (${ageOf(at)})`);
	const damaged = found.filter(({ memories }) => memories === undefined).length;
	say(
		found.length === 0
			? `There are no backups in ${folder}. To make one: mcp-mem0 backup`
			: `${plural(found.length, "# backup", "# backups")}${damaged > 0 ? `, ${damaged} damaged` : ""}. To bring back what is missing: mcp-mem0 import FILE`,
	);
	return damaged > 0 ? 1 : 0;
}

async function folderIn(memoryDir: string): Promise<string> {
	const folder = join(memoryDir, "backups");
	await mkdir(folder, { recursive: true, mode: 0o700 });
	// It may lead anywhere.
	if ((await lstat(folder)).isSymbolicLink())
		throw new InputError("file", `The backup folder ${folder} is a link, and is not written to. Remove it.`);
	return folder;
}

/** Reads a backup through. Undefined for what is no file. */
async function examine(path: string): Promise<LogicalBackup | undefined> {
	const { size, isFile } = await lstat(path).then((stats) => ({ size: stats.size, isFile: stats.isFile() }));
	const [, time] = pattern.exec(path.slice(path.lastIndexOf("memories-"))) ?? [];
	if (!isFile || time === undefined) return undefined;
	const at = Date.parse(`${time.slice(0, 11)}${time.slice(11).replaceAll("-", ":")}Z`);
	let memories: number | undefined = 0;
	for await (const line of createInterface({
		input: createReadStream(path),
		crlfDelay: Number.POSITIVE_INFINITY,
	}))
		memories = memories !== undefined && isRecord(line) ? memories + 1 : undefined;
	return { path, at, bytes: size, memories };
}

function isRecord(line: string): boolean {
	try {
		const { id, text } = JSON.parse(line) as { readonly id?: unknown; readonly text?: unknown };
		return typeof id === "string" && typeof text === "string";
	} catch {
		return false;
	}
}

function asRecord({ path, at, bytes, memories }: LogicalBackup) {
	return {
		file: path,
		at: iso(at),
		bytes,
		...(memories === undefined ? { damage: "a line is no memory" } : { memories }),
	};
}
