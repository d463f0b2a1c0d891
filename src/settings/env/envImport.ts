import { originOf } from "../../config/endpoints.ts";
import { parseEnvText } from "../../config/envSyntax.ts";
import { providers } from "../../config/providers.ts";
import type { Environment } from "../../config/variables.ts";
import type { Change } from "../edits.ts";
import { examineValues } from "../fieldRemarks.ts";
import { type BoundKey, type KeySlot, type KeyVariable, keyProblem, keySlots } from "../keys/boundKeys.ts";
import { endpointVariables } from "../presets.ts";
import {
	canonical,
	isSettingVariable,
	isVariable,
	type SettingVariable,
	settingVariables,
	type Values,
	variableOf,
} from "../values.ts";

export interface EnvImport {
	/** Of settings that are otherwise now. */
	readonly changes: readonly Change[];
	/** Keys of the file, each for the endpoint it is meant for; never shown. */
	readonly keys: readonly BoundKey[];
	/** What is left out, and why; names only, since values may be secret. */
	readonly notes: readonly string[];
}

/** What says where texts go; with any of it, a file is taken for the whole of it. */
const endpoint = /^(LLM|EMBEDDING|AZURE_OPENAI)_/;

/** Understands a `.env` file of this program or of `mcp-mem0`, in place of what is configured now. */
export function readEnvImport(text: string, current: Values, ambient: Environment): EnvImport {
	const file = parseEnvText(text);
	const given = Object.keys(file).filter((name) => file[name]?.trim());
	const notes: string[] = [];
	const values: Partial<Record<SettingVariable, string>> = { ...current };
	const whole = given.some((name) => endpoint.test(name));
	if (whole) for (const name of endpointVariables) delete values[name];
	if (whole) for (const { name } of settingVariables) if (endpoint.test(name)) delete values[name];
	for (const { name } of settingVariables) {
		if (!(name in file)) continue;
		const value = canonical(name, file[name]);
		if (value === undefined) delete values[name];
		else values[name] = value;
	}
	if (/^(true|1|yes|on)$/i.test(file.DEBUG?.trim() ?? "")) {
		values.LOG_LEVEL = "DEBUG";
		notes.push("DEBUG is read as LOG_LEVEL=DEBUG.");
	}
	nameProvider(values, file, notes);
	const keys = boundKeys(values, file, ambient, notes);
	notes.push(...leftOut(given));
	const changes = settingVariables
		.filter(({ name }) => values[name] !== current[name])
		.map(({ name }) => ({ variable: name, value: values[name] }));
	return { changes, keys, notes };
}

/** A key alone makes the provider openai, as in mcp-mem0; the settings, which hold no key, must be told. */
function nameProvider(
	values: Partial<Record<SettingVariable, string>>,
	file: Environment,
	notes: string[],
): void {
	const { LLM_PROVIDER, LLM_BASE_URL, LLM_CHOICE } = values;
	if (LLM_PROVIDER ?? LLM_BASE_URL ?? LLM_CHOICE) return;
	if (!file.LLM_API_KEY?.trim()) return;
	values.LLM_PROVIDER = "openai";
	notes.push("LLM_PROVIDER is not set; openai is used, as LLM_API_KEY is set.");
}

/** Each key is bound to the host the file means it for, and to no other. */
function boundKeys(values: Values, file: Environment, ambient: Environment, notes: string[]): BoundKey[] {
	const { result } = examineValues(values, ambient);
	const slots = result ? keySlots(result.config) : [];
	const { llm, embedding } = result?.config ?? {};
	const found: BoundKey[] = [];
	const used = new Set<string>();
	const slotOf = (variable: KeyVariable) => slots.find((slot) => slot.variable === variable);
	const openAi = originOf(providers.openai.baseUrl as string);
	const take = (variable: KeyVariable, from: string) => {
		const slot = slotOf(variable);
		const key = file[from]?.trim();
		if (!slot || key === undefined || found.some((each) => each.variable === variable)) return;
		if (key === "" && saysNothing(slot)) notes.push(`${from} is empty: ${slot.origin} gets no key.`);
		if (key === "" && (from !== variable || saysNothing(slot))) return;
		const problem = key === "" ? undefined : keyProblem(key);
		used.add(from);
		if (problem) notes.push(`${from} is not stored: ${problem.charAt(0).toLowerCase()}${problem.slice(1)}`);
		else found.push({ ...slot, key });
	};
	// That the language model's key is not for this host, it is not anyway.
	const saysNothing = ({ variable, origin }: KeySlot) =>
		variable === "EMBEDDING_API_KEY" &&
		slotOf("LLM_API_KEY") !== undefined &&
		slotOf("LLM_API_KEY")?.origin !== origin &&
		!(origin === openAi && ambient.OPENAI_API_KEY?.trim());
	take("LLM_API_KEY", "LLM_API_KEY");
	take("EMBEDDING_API_KEY", "EMBEDDING_API_KEY");
	if (llm?.provider === "azure") take("LLM_API_KEY", "AZURE_OPENAI_API_KEY");
	if (slotOf("LLM_API_KEY")?.origin === openAi) take("LLM_API_KEY", "OPENAI_API_KEY");
	// Where both roles are at one host, the language model's key serves both.
	const served = found.some(
		({ variable, origin }) => variable === "LLM_API_KEY" && origin === slotOf("EMBEDDING_API_KEY")?.origin,
	);
	if (!served && embedding?.provider === "azure") take("EMBEDDING_API_KEY", "AZURE_OPENAI_API_KEY");
	if (!served && slotOf("EMBEDDING_API_KEY")?.origin === openAi) take("EMBEDDING_API_KEY", "OPENAI_API_KEY");
	for (const name of ["LLM_API_KEY", "EMBEDDING_API_KEY", "AZURE_OPENAI_API_KEY", "OPENAI_API_KEY"])
		if (file[name]?.trim() && !used.has(name))
			notes.push(
				result
					? `${name} is not stored: no endpoint that is configured uses it.`
					: `${name} is not stored: it cannot be told for which host it is. Enter it when the marked values are corrected.`,
			);
	return found;
}

function leftOut(given: readonly string[]): string[] {
	const known = new Set(["DEBUG", "OPENAI_API_KEY", "OPENAI_BASE_URL"]);
	const server = given.filter((name) => isVariable(name) && variableOf(name).section === "server");
	const database = given.filter((name) => /^DATABASE_/.test(name));
	const unknown = given.filter(
		(name) => !isSettingVariable(name) && !isVariable(name) && !known.has(name) && !database.includes(name),
	);
	const list = (names: readonly string[]) => names.toSorted().join(", ");
	return [
		...(server.length > 0 ? [`For the standalone server only: ${list(server)}.`] : []),
		...(database.length > 0
			? [`Not applicable: ${list(database)}. Memories are kept in a SQLite database in MEMORY_DIR.`]
			: []),
		...(given.includes("OPENAI_BASE_URL")
			? ["OPENAI_BASE_URL is never used: LLM_BASE_URL and EMBEDDING_BASE_URL name the endpoints."]
			: []),
		...(unknown.length > 0 ? [`Unknown: ${list(unknown)}.`] : []),
	];
}
