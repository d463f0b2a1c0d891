import { randomBytes } from "node:crypto";
import {
	access,
	chmod,
	constants,
	mkdir,
	readFile,
	realpath,
	rename,
	rm,
	stat,
	writeFile,
} from "node:fs/promises";
import { dirname } from "node:path";

/** A configuration file of another program. */
export interface ConfigText {
	/** Without the byte order mark; undefined: there is no such file. */
	readonly text: string | undefined;
	readonly bom: boolean;
}

/** Why a file is left alone. */
export interface FileProblem {
	readonly file: string;
	readonly said: string;
	/** From 1. */
	readonly line?: number;
	readonly advice: string;
}

export class ConfigFileError extends Error {
	override readonly name = "ConfigFileError";
	readonly problem: FileProblem;

	constructor(problem: FileProblem) {
		const place = problem.line === undefined ? problem.file : `${problem.file}, line ${problem.line}`;
		super(`${place}: ${problem.said}. ${problem.advice}`);
		this.problem = problem;
	}
}

const bom = "\uFEFF";

/** @throws ConfigFileError */
export async function readConfigFile(file: string): Promise<ConfigText> {
	let bytes: Buffer;
	try {
		bytes = await readFile(file);
	} catch (error) {
		if (codeOf(error) === "ENOENT") return { text: undefined, bom: false };
		throw new ConfigFileError({
			file,
			said: systemWords(error),
			advice: "Make it readable, then try again.",
		});
	}
	let text: string;
	try {
		text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw new ConfigFileError({
			file,
			said: "not UTF-8",
			advice: "It was left alone. Save it as UTF-8, then try again.",
		});
	}
	return text.startsWith(bom) ? { text: text.slice(1), bom: true } : { text, bom: false };
}

/** @param of what is in the file: servers and hooks may be in the same one, and come and go by themselves. */
export function backupOf(file: string, of: "servers" | "hooks" = "servers"): string {
	return `${file}.mcp-mem0-${of === "servers" ? "" : "hooks-"}backup`;
}

/**
 * Writes a file as a whole, through a symbolic link; whoever reads meanwhile sees the old text or the new one.
 * @throws ConfigFileError
 */
export async function writeConfigFile(file: string, { text = "", bom: marked }: ConfigText): Promise<void> {
	try {
		const target = await realpath(file).catch((error: unknown) => {
			if (codeOf(error) === "ENOENT") return file;
			throw error;
		});
		await mkdir(dirname(target), { recursive: true });
		const mode = await stat(target).then(
			(found) => found.mode & 0o777,
			() => undefined,
		);
		// Renaming onto a file that is read-only would replace it all the same.
		if (mode !== undefined) await access(target, constants.W_OK);
		const temporary = `${target}.${randomBytes(6).toString("hex")}.tmp`;
		try {
			await writeFile(temporary, (marked ? bom : "") + text, { mode: mode ?? 0o600, flush: true });
			if (mode !== undefined) await chmod(temporary, mode);
			await rename(temporary, target);
		} finally {
			await rm(temporary, { force: true });
		}
	} catch (error) {
		throw fileProblem(file, error);
	}
}

/** What to say of a file that could not be written or removed. */
export function fileProblem(file: string, error: unknown): ConfigFileError {
	const advice = "It was not changed. Make it writable, then try again.";
	return new ConfigFileError({ file, said: systemWords(error), advice });
}

function codeOf(error: unknown): string | undefined {
	return (error as { readonly code?: string }).code;
}

function systemWords(error: unknown): string {
	const words: Readonly<Record<string, string>> = {
		EACCES: "read-only, or not yours",
		EPERM: "read-only, or not yours",
		EROFS: "on a read-only file system",
		EISDIR: "a folder",
		ENOSPC: "the disk is full",
		ENOTDIR: "below something that is not a folder",
		ELOOP: "a symbolic link to itself",
	};
	return words[codeOf(error) ?? ""] ?? (error instanceof Error ? error.message : String(error));
}
