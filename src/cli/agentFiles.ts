import { dirname, join } from "node:path";
import { apply } from "../agents/change.ts";
import type { Client, Places } from "../agents/client.ts";
import { clients } from "../agents/clients/index.ts";
import { ConfigFileError } from "../agents/configFile.ts";
import { type FolderFile, folderFileNames } from "../agents/instructions/folderFileNames.ts";
import { type AgentTexts, readAgentTexts } from "../agents/instructions/texts.ts";
import { writeLauncher } from "../agents/launcher.ts";
import { ownEntry } from "../agents/ownEntry.ts";
import type { Step } from "../agents/steps.ts";
import { mergedValues, ownEnvFile } from "../config/sources.ts";
import { isVariable, variableOf } from "../config/variables.ts";
import { InputError } from "../memory/errors.ts";
import { answerTo } from "./answer.ts";
import { commandLine, type Flags } from "./command.ts";
import type { Launch } from "./context.ts";
import { print, printJson, say } from "./terminal.ts";

export const clientIds = clients.map(({ id }) => id).join(", ");

/** @throws InputError for an id that is not known. */
export function namedClients(ids: readonly string[]): Client[] {
	return ids.map((id) => {
		const client = clients.find((each) => each.id === id.toLowerCase());
		if (client) return client;
		throw new InputError(commandLine, `There is no client ${JSON.stringify(id)}; there are ${clientIds}.`);
	});
}

/**
 * The entry that starts this installation, with the configuration that this process has from its environment. The server
 * reads the file itself: a copy of its values here would win over what is written there later.
 */
export function entryOf({ sources, envFile }: Launch, places: Places) {
	const values = mergedValues(sources.filter(({ file }) => !file));
	// The user's own file is read without being named, and may come and go; a named one must exist.
	const named = envFile !== undefined && envFile !== ownEnvFile;
	const env = named ? { ...values, MCP_MEM0_ENV_FILE: envFile } : values;
	return ownEntry(places, env);
}

/** Tells which variables of models and databases only this process has: a client that is started elsewhere does not get them. */
export function sayWhatStaysHere({ sources, envFile }: Launch): void {
	const [environment, files] = [sources.filter(({ file }) => !file), sources.filter(({ file }) => file)];
	const inFiles = mergedValues(files);
	const names = Object.entries(mergedValues(environment)).flatMap(([name, value]) => {
		const isNeeded = isVariable(name) && ["llm", "embedding", "database"].includes(variableOf(name).section);
		return isNeeded && value?.trim() && inFiles[name] !== value ? [name] : [];
	});
	if (names.length === 0) return;
	say(
		`Set in this shell only: ${names.join(", ")}. Clients may not get them; write them to ${envFile ?? ownEnvFile}.`,
	);
}

/** What the entries name. */
export function installLauncher({ bundles }: Launch): Promise<void> {
	return writeLauncher(join(dirname(bundles.embedder), "server.js"));
}

/** @throws InputError for a file that is not known. */
export function namedFolderFiles(list: string | boolean | undefined): FolderFile[] {
	if (typeof list !== "string") return [];
	return list.split(",").map((name) => {
		const known = folderFileNames.find((each) => each.toLowerCase() === name.trim().toLowerCase());
		if (known) return known;
		const all = folderFileNames.join(", ");
		throw new InputError(
			commandLine,
			`${JSON.stringify(name)} is not a file for instructions; those are ${all}.`,
		);
	});
}

export function agentTexts({ bundles }: Launch): Promise<AgentTexts> {
	return readAgentTexts(join(dirname(bundles.embedder), "..", "media"));
}

export function consentOf({ "dry-run": dryRun = false, yes = false, json = false }: Flags): Consent {
	return { yes: yes === true, dryRun: dryRun === true, json: json === true };
}

export interface Consent {
	/** Writes without asking. */
	readonly yes: boolean;
	/** Writes nothing. */
	readonly dryRun: boolean;
	/** Tells of the changes as JSON, at the end. */
	readonly json: boolean;
}

/** What became of a step, for a program. */
interface Outcome {
	readonly what: string;
	readonly file?: string;
	readonly diff?: string;
	readonly state: "unchanged" | "written" | "not written" | "failed";
	readonly problem?: string;
}

interface Words {
	/** Absent: a step that changes nothing is passed over. */
	readonly unchanged?: string | undefined;
	/** What to say where there was nothing to do. */
	readonly nothing: string;
	readonly done: string;
	/** What to do after a change was made. */
	readonly after: string;
	readonly question: string;
}

/**
 * Shows each change, and makes it if it may.
 * @param prepare runs before the first change is made.
 * @returns the exit code: 1 if a file was left alone because of a problem.
 */
export async function carryOut(
	steps: readonly Step[],
	{ yes, dryRun, json }: Consent,
	words: Words,
	prepare: () => Promise<void> = async () => undefined,
): Promise<number> {
	let code = 0;
	const changes: Outcome[] = [];
	let prepared: Promise<void> | undefined;
	let told = false;
	let written = 0;
	let unwritten = 0;
	for (const { what, plan, remark } of steps) {
		try {
			const change = await plan();
			if (change.diff !== "" || words.unchanged) told = true;
			if (change.diff === "") {
				// What the entry names may be gone all the same.
				if (!dryRun) {
					prepared ??= prepare();
					await prepared;
				}
				if (words.unchanged) say(`${what}: ${words.unchanged} (${change.file}).`);
				changes.push({ what, file: change.file, state: "unchanged" });
				continue;
			}
			const { file, diff } = change;
			const outcome = { what, file, diff };
			changes.push({ ...outcome, state: "not written" });
			if (json) say(diff);
			else print(diff);
			if (remark) say(remark);
			if (dryRun) continue;
			if (!yes && !process.stdin.isTTY) {
				unwritten += 1;
				continue;
			}
			const answer = yes ? "yes" : await answerTo(`${words.question} ${what}? [y/N] `);
			if (answer === "no") continue;
			if (answer === "cancelled") {
				say("Cancelled: nothing more was written.");
				if (json) printJson({ changes });
				return 1;
			}
			prepared ??= prepare();
			await prepared;
			await apply(change);
			written += 1;
			changes.splice(-1, 1, { ...outcome, state: "written" });
			say(`${what}: ${words.done} (${change.file}).`);
		} catch (error) {
			if (!(error instanceof ConfigFileError)) throw error;
			say(`${what}: ${error.message}`);
			// The change may be among them already, when it could not be written.
			if (changes.at(-1)?.what === what) changes.pop();
			changes.push({ what, state: "failed", problem: error.message });
			told = true;
			code = 1;
		}
	}
	if (!told) say(words.nothing);
	if (written > 0) say(words.after);
	if (unwritten > 0) say("Nothing was written. To write this, run it again with --yes.");
	if (json) printJson({ changes });
	return code;
}
