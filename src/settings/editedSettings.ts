import {
	covers,
	type EndpointRole,
	endpointOf,
	type HttpEndpoint,
	originsOf,
	urlsOf,
} from "../config/endpoints.ts";
import type { Environment } from "../config/variables.ts";
import { type DatabaseChoice, databasePresets } from "./databasePresets.ts";
import {
	type Change,
	changesOf,
	type EditSource,
	type Edits,
	edited,
	editsOf,
	missingOf,
	rebased,
	requiring,
	resolved,
	valuesOf,
} from "./edits.ts";
import { type EmbeddingUse, embeddingUseChanges } from "./embeddingUse.ts";
import type { EnvImport } from "./env/envImport.ts";
import { type ExaminedValues, examineValues } from "./examineValues.ts";
import type { KeyVariable, KnownServers } from "./keys/boundKeys.ts";
import { meantHeaders } from "./keys/headerSecrets.ts";
import type { KeyRing } from "./keys/keyRing.ts";
import { type KeyStatus, keyStatuses } from "./keys/keyStatus.ts";
import type { LocalOffer } from "./localServers.ts";
import type { PanelInput } from "./panel/panelState.ts";
import type { TestedRole } from "./panel/protocol.ts";
import { type Preset, presetChanges } from "./presets.ts";
import type { SettingVariable, Values } from "./values.ts";

/** Settings and keys while somebody edits them. The values are examined once per edit; everything reads from that. */
export class EditedSettings {
	readonly keys: KeyRing;
	readonly #ambient: Environment;
	#edits: Edits;
	#examined: ExaminedValues;
	/** What the saved settings mean. */
	#saved: ExaminedValues;
	#imported: PanelInput["imported"];

	constructor(saved: Values, keys: KeyRing, ambient: Environment) {
		this.keys = keys;
		this.#ambient = ambient;
		this.#edits = editsOf(saved);
		this.#examined = examineValues(saved, ambient);
		this.#saved = this.#examined;
	}

	/** The panel's state, as far as it is about the edits. */
	get input(): Pick<
		PanelInput,
		"edits" | "examined" | "inForce" | "keys" | "known" | "unsavedKeys" | "imported" | "password"
	> {
		return {
			inForce: this.#saved.config,
			edits: this.#edits,
			examined: this.#examined,
			keys: this.keyStatuses,
			known: this.keys.known,
			unsavedKeys: this.#unsavedKeys,
			password: this.keys.passwords.status(this.databaseUrl),
			imported: this.#imported,
		};
	}

	get changes(): readonly Change[] {
		return changesOf(this.#edits);
	}

	/** How many edits of settings and keys are not saved. */
	get unsaved(): number {
		return this.changes.length + this.#unsavedKeys;
	}

	get #unsavedKeys(): number {
		return this.keys.unsaved + this.keys.passwords.unsaved(this.databaseUrl);
	}

	/** As edited, without its password. */
	get databaseUrl(): string | undefined {
		return this.#examined.values.DATABASE_URL;
	}

	/** The status of each slot that may need a key. */
	get keyStatuses(): readonly KeyStatus[] {
		return keyStatuses(this.#examined.endpoints, this.savedEndpoints, this.keys);
	}

	get savedEndpoints(): KnownServers {
		return this.#saved.endpoints;
	}

	/** Whether the edits leave everything alone that goes to the endpoint of a role, or decides where that is. */
	isSaved(role: EndpointRole): boolean {
		const [now, saved] = [this.#examined.endpoints, this.savedEndpoints].map((each) =>
			endpointOf(each, role),
		);
		if (!now || !saved || now.provider === "vscode") return now?.provider === "vscode";
		const sent = (endpoint: typeof saved) =>
			"baseUrl" in endpoint && JSON.stringify([endpoint.provider, urlsOf(endpoint), endpoint.headers]);
		return sent(now) === sent(saved) && this.keys.unsaved === 0;
	}

	/** Identifies the current edits. */
	get fingerprint(): string {
		return JSON.stringify([this.#examined.values, this.keys.revision, this.keys.passwords.revision]);
	}

	/** The values for the test of a role, with the keys of their hosts. */
	async environment(role: TestedRole): Promise<Environment> {
		const { values, config } = this.#examined;
		if (role === "storage") return this.#storageEnvironment(values);
		const env: Environment = {
			...values,
			...(await this.keys.keysFor(this.keyStatuses.map(({ slot }) => slot))),
		};
		if (role === "chat") {
			const own = Object.entries(env).filter(([name]) => !name.startsWith("EMBEDDING_"));
			return { ...Object.fromEntries(own), EMBEDDING_PROVIDER: "builtin" };
		}
		const { llm, embedding } = config ?? {};
		const apart = llm && embedding && !("baseUrl" in llm && covers(originsOf(llm), originsOf(embedding)));
		// An environment does not bind keys to hosts, so the key of another host must be explicit.
		return apart ? { ...env, EMBEDDING_API_KEY: env.EMBEDDING_API_KEY ?? embedding.apiKey ?? "" } : env;
	}

	/** Without the endpoints, which the test of the place of the memory has no business with. */
	async #storageEnvironment({ DATABASE_URL, ...values }: Values): Promise<Environment> {
		const own = Object.entries(values).filter(([name]) => !/^(LLM|EMBEDDING|AZURE_OPENAI)_/.test(name));
		const slots = this.keyStatuses.map(({ slot }) => slot);
		return {
			...Object.fromEntries(own),
			...(await this.keys.keysFor(slots.filter(({ variable }) => variable === "TEAM_SERVER_TOKEN"))),
			LLM_PROVIDER: "none",
			EMBEDDING_PROVIDER: "builtin",
			...(DATABASE_URL ? { DATABASE_URL: await this.keys.passwords.complete(DATABASE_URL) } : {}),
		};
	}

	/** The endpoints with their keys, as far as they are known: enough to list their models. */
	async endpoints(): Promise<KnownServers> {
		const { llm, embedding, teamServer } = this.#examined.endpoints;
		// Taken before anything is awaited: the keys of a later edit are for other hosts.
		const statuses = this.keyStatuses;
		const withKey = async <T extends HttpEndpoint>(endpoint: T, name: KeyVariable): Promise<T> => {
			const { used, ambient } = statuses.find(({ slot }) => slot.variable === name) ?? {};
			const apiKey = used ? await this.keys.get(used) : ambient ? endpoint.apiKey : undefined;
			return { ...endpoint, apiKey };
		};
		return {
			llm: llm && llm.provider !== "vscode" ? await withKey(llm, "LLM_API_KEY") : llm,
			embedding: embedding && (await withKey(embedding, "EMBEDDING_API_KEY")),
			teamServer,
		};
	}

	edit(changes: readonly Change[], source: EditSource): void {
		const { values } = this.#examined;
		const meant = changes.map(({ variable, value }) => ({
			variable,
			value: value && this.#meant(variable, value, values[variable]),
		}));
		this.#put(edited(this.#edits, meant, source));
	}

	/** What a text in a field means, without secrets that belong elsewhere. */
	#meant(variable: SettingVariable, text: string, before: string | undefined): string {
		if (variable === "DATABASE_URL") return this.keys.passwords.takeFrom(text);
		return variable.endsWith("_HEADERS") ? meantHeaders(text, before) : text;
	}

	/** Where the memory is. There is one place only: each choice leaves the others. */
	chooseDatabase(choice: DatabaseChoice): void {
		const isServer = choice === "server";
		const server = this.#examined.values.TEAM_SERVER_URL ?? this.#edits.saved.TEAM_SERVER_URL;
		const changes: readonly Change[] = [
			{ variable: "DATABASE_URL", value: databasePresets().find(({ id }) => id === choice)?.url },
			{ variable: "TEAM_SERVER_URL", value: isServer ? server : undefined },
		];
		const others = this.#edits.required.filter((name) => name !== "TEAM_SERVER_URL");
		const required = isServer ? [...others, "TEAM_SERVER_URL" as const] : others;
		this.#put(requiring(edited(this.#edits, changes, "preset"), required));
	}

	/** Uses a model server that runs on this machine. What a preset left open is not needed for it. */
	useLocal({ changes }: LocalOffer): void {
		this.#put(requiring(edited(this.#edits, changes, "preset"), []));
	}

	/** @returns the variables that are left to be entered. */
	choosePreset(preset: Preset): readonly SettingVariable[] {
		this.#imported = undefined;
		this.#put(requiring(edited(this.#edits, presetChanges(preset), "preset"), preset.required));
		return missingOf(this.#edits);
	}

	/** @returns the variables that are left to be entered. */
	chooseEmbeddingUse(use: EmbeddingUse): readonly SettingVariable[] {
		const { changes, required } = embeddingUseChanges(use, this.#examined.values);
		const others = this.#edits.required.filter((name) => !name.startsWith("EMBEDDING_"));
		this.#put(requiring(edited(this.#edits, changes, "typed"), [...others, ...required]));
		return required;
	}

	resolve(variable: SettingVariable, keep: "mine" | "theirs"): void {
		this.#put(resolved(this.#edits, variable, keep));
	}

	/** Settings changed elsewhere. */
	rebase(saved: Values): void {
		this.#put(rebased(this.#edits, saved));
	}

	/** Turns a `.env` file into edits, so that a person can check them before they are saved. */
	async import(file: string, { changes, keys, notes }: EnvImport, saved: Values): Promise<void> {
		this.keys.discard();
		this.#put(edited(editsOf(saved), changes, ".env"));
		this.#imported = { file, notes };
		for (const key of keys) await this.keys.offer(key);
	}

	/** Forgets the edits. */
	discard(saved: Values): void {
		this.keys.discard();
		this.settle(saved);
	}

	/** The edits are saved. */
	settle(saved: Values): void {
		this.#put(editsOf(saved));
		this.#imported = undefined;
	}

	#put(edits: Edits): void {
		if (edits.saved !== this.#edits.saved) this.#saved = examineValues(edits.saved, this.#ambient);
		this.#edits = edits;
		this.#examined = examineValues(valuesOf(edits), this.#ambient, missingOf(edits));
	}
}
