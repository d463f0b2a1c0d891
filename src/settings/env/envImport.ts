import * as l10n from "@vscode/l10n";
import { isOn } from "../../config/config.ts";
import { parseDotenv } from "../../config/dotenv.ts";
import { originOf } from "../../config/endpoints.ts";
import { keyProblem, readKey } from "../../config/keyText.ts";
import { providers } from "../../config/providers.ts";
import { messageOf } from "../../config/remarks.ts";
import { doubtful, findUnread } from "../../config/unread.ts";
import { type Environment, isVariable, variableOf } from "../../config/variables.ts";
import type { Change } from "../edits.ts";
import { examineValues } from "../examineValues.ts";
import {
	type BoundKey,
	type KeySlot,
	type KeyVariable,
	keySlots,
	keyVariables,
	slotOf,
} from "../keys/boundKeys.ts";
import { splitPassword } from "../keys/databasePassword.ts";
import { canonical, type SettingVariable, settingVariables, type Values } from "../values.ts";

export interface EnvImport {
	/** To the settings as they are now. */
	readonly changes: readonly Change[];
	/** The file's keys, each with the endpoint it is for; never shown. */
	readonly keys: readonly BoundKey[];
	/** What is left out or read differently, and why; only names, because values may be secret. */
	readonly notes: readonly string[];
}

/** A file with any of these replaces all of them. */
const endpointVariable = /^(LLM|EMBEDDING|AZURE_OPENAI)_/;

const locatesEndpoint = /_(BASE_URL|PROVIDER|ENDPOINT)$/;

/** Reads a `.env` file of this program or of `mcp-mem0`, to replace the current configuration. */
export function readEnvImport(text: string, current: Values, ambient: Environment): EnvImport {
	// The file may be a stranger's: variables of the environment do not get into it.
	const { values: file, ...place } = parseDotenv(text, {}, (placeholder) => placeholder);
	const source = { name: l10n.t("the file"), values: file, file: place };
	const unread = findUnread([source]);
	// Without the right URL, a default host would take its place.
	const inDoubt = [...doubtful(unread, [source]).keys()].some((name) => locatesEndpoint.test(name));
	const isTaken = (name: string) => !(inDoubt && endpointVariable.test(name));
	const given = Object.keys(file).filter((name) => file[name]?.trim());
	const notes: string[] = [];
	const values: Partial<Record<SettingVariable, string>> = { ...current };
	const whole = given.some((name) => endpointVariable.test(name) && isTaken(name));
	if (whole) for (const { name } of settingVariables) if (endpointVariable.test(name)) delete values[name];
	for (const { name } of settingVariables) {
		if (!(name in file) || !isTaken(name)) continue;
		const value = canonical(name, file[name]);
		if (value === undefined) delete values[name];
		else values[name] = value;
	}
	// The memory is in one place: the one that the file names takes that of the other.
	const [server, database] = [file.TEAM_SERVER_URL?.trim(), file.DATABASE_URL?.trim()];
	if (server && !database) delete values.DATABASE_URL;
	if (database && !server) delete values.TEAM_SERVER_URL;
	const { url, password } = splitPassword(values.DATABASE_URL ?? "");
	if (password !== undefined) {
		values.DATABASE_URL = url;
		notes.push(l10n.t("The password in DATABASE_URL is not imported. Enter it with Mem0: Set API Key…."));
	}
	if (isOn(file.DEBUG)) {
		values.LOG_LEVEL = "DEBUG";
		notes.push(l10n.t("DEBUG is read as LOG_LEVEL=DEBUG."));
	}
	// A key alone implies the provider openai, as in mcp-mem0; the settings hold no key, so they must say it.
	if (
		!(values.LLM_PROVIDER ?? values.LLM_BASE_URL ?? values.LLM_CHOICE) &&
		file.LLM_API_KEY?.trim() &&
		!inDoubt
	) {
		values.LLM_PROVIDER = "openai";
		const because = l10n.t("because LLM_API_KEY is set");
		notes.push(messageOf({ kind: "assumed", variable: "LLM_PROVIDER", value: "openai", because }));
	}
	for (const { written, variable: meant, place } of unread)
		notes.push(messageOf({ kind: "not-read", written, meant, place }));
	if (inDoubt)
		notes.push(
			l10n.t("The endpoints and their keys are not imported. Correct the file, then import it again."),
		);
	const keys = inDoubt ? [] : boundKeys(values, file, ambient, notes);
	const named = new Set(unread.map(({ written }) => written));
	notes.push(...leftOut(given.filter((name) => !named.has(name) || name === "OPENAI_BASE_URL")));
	const changes = settingVariables
		.filter(({ name }) => values[name] !== current[name])
		.map(({ name }) => ({ variable: name, value: values[name] }));
	return { changes, keys, notes };
}

/** Each key is bound to the host it is for in the file, and to no other. */
function boundKeys(values: Values, file: Environment, ambient: Environment, notes: string[]): BoundKey[] {
	const { config, endpoints } = examineValues(values, ambient);
	const slots = keySlots(config ?? { teamServer: endpoints.teamServer });
	const found: BoundKey[] = [];
	const used = new Set<string>();
	const openAi = originOf(providers.openai.baseUrl as string);
	const llm = slotOf(slots, "LLM_API_KEY");
	// Here, the language model's key does not go to another host, so an empty key adds nothing.
	const addsNothing = ({ variable, origin }: KeySlot) =>
		variable === "EMBEDDING_API_KEY" &&
		llm !== undefined &&
		llm.origin !== origin &&
		!(origin === openAi && ambient.OPENAI_API_KEY?.trim());
	const take = (variable: KeyVariable, from: string) => {
		const slot = slotOf(slots, variable);
		const key = file[from]?.trim();
		if (!slot || key === undefined || slotOf(found, variable)) return;
		if (key === "" && variable === "TEAM_SERVER_TOKEN") return;
		if (key === "" && addsNothing(slot)) notes.push(l10n.t`${from} is empty: ${slot.origin} gets no key.`);
		if (key === "" && (from !== variable || addsNothing(slot))) return;
		const read = key === "" ? { key, removed: [] } : readKey(key);
		used.add(from);
		if (read.key === undefined) {
			notes.push(l10n.t`${from} is not stored. ${keyProblem(key) ?? ""}`);
			return;
		}
		if (read.removed.length > 0) notes.push(messageOf({ kind: "mended", variable, removed: read.removed }));
		found.push({ ...slot, key: read.key });
	};
	const takeProviders = (variable: KeyVariable, provider: string | undefined) => {
		if (provider === "azure") take(variable, "AZURE_OPENAI_API_KEY");
		if (slotOf(slots, variable)?.origin === openAi) take(variable, "OPENAI_API_KEY");
	};
	take("LLM_API_KEY", "LLM_API_KEY");
	take("EMBEDDING_API_KEY", "EMBEDDING_API_KEY");
	take("TEAM_SERVER_TOKEN", "TEAM_SERVER_TOKEN");
	takeProviders("LLM_API_KEY", config?.llm?.provider);
	// If both roles use one host, the language model's key serves both.
	if (slotOf(found, "LLM_API_KEY")?.origin !== slotOf(slots, "EMBEDDING_API_KEY")?.origin)
		takeProviders("EMBEDDING_API_KEY", config?.embedding?.provider);
	const secrets = [...keyVariables, "AZURE_OPENAI_API_KEY", "OPENAI_API_KEY"];
	for (const name of secrets)
		if (file[name]?.trim() && !used.has(name))
			notes.push(
				config
					? l10n.t`${name} is not stored: no configured endpoint uses it.`
					: l10n.t`${name} is not stored: its host is not known yet. Correct the marked values, then enter the key.`,
			);
	return found;
}

function leftOut(given: readonly string[]): string[] {
	const server = given.filter((name) => isVariable(name) && variableOf(name).section === "server");
	const database = given.filter((name) => /^DATABASE_/.test(name) && !isVariable(name));
	const known = ["DEBUG", "OPENAI_API_KEY", "OPENAI_BASE_URL", ...database];
	const unknown = given.filter((name) => !isVariable(name) && !known.includes(name));
	const list = (names: readonly string[]) => names.toSorted().join(", ");
	const notes: string[] = [];
	if (server.length > 0) notes.push(l10n.t`For the standalone server only: ${list(server)}.`);
	if (database.length > 0) notes.push(messageOf({ kind: "not-applicable", variables: database }));
	if (given.includes("OPENAI_BASE_URL"))
		notes.push(
			l10n.t("OPENAI_BASE_URL is never used: LLM_BASE_URL and EMBEDDING_BASE_URL name the endpoints."),
		);
	if (unknown.length > 0) notes.push(l10n.t`Unknown: ${list(unknown)}.`);
	return notes;
}
