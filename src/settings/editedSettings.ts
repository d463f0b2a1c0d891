import type { Config } from "../config/config.ts";
import { originOf } from "../config/endpoints.ts";
import type { Environment } from "../config/variables.ts";
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
import { endpointsSoFar, examineValues } from "./fieldRemarks.ts";
import { meantHeaders } from "./keys/headerSecrets.ts";
import type { KeyRing } from "./keys/keyRing.ts";
import { keysIn, type PanelInput } from "./panel/panelState.ts";
import { type Preset, presetChanges } from "./presets.ts";
import type { SettingVariable, Values } from "./values.ts";

/** Settings and keys as somebody is editing them, whatever shows them. */
export class EditedSettings {
	readonly keys: KeyRing;
	readonly #ambient: Environment;
	#draft: Edits;
	#imported: PanelInput["imported"];

	constructor(saved: Values, keys: KeyRing, ambient: Environment) {
		this.#draft = editsOf(saved);
		this.keys = keys;
		this.#ambient = ambient;
	}

	/** What the panel's state is made of, as far as it is about what is edited. */
	get input(): Pick<PanelInput, "draft" | "known" | "removed" | "unsavedKeys" | "ambient" | "imported"> {
		const { known, removed, unsaved } = this.keys;
		return {
			draft: this.#draft,
			known,
			removed,
			unsavedKeys: unsaved,
			ambient: this.#ambient,
			imported: this.#imported,
		};
	}

	get changes(): readonly Change[] {
		return changesOf(this.#draft);
	}

	/** How many settings and keys are not saved. */
	get unsaved(): number {
		return this.changes.length + this.keys.unsaved;
	}

	/** Places that may need a key, and what is known of each. */
	get keySlots() {
		return keysIn(this.input, valuesOf(this.#draft));
	}

	/** Tells what is edited now from what was or will be. */
	get fingerprint(): string {
		return JSON.stringify([valuesOf(this.#draft), this.keys.revision]);
	}

	/** The values of a role with the keys of their hosts: what is tested before it is saved. */
	async environment(role: "llm" | "embedding"): Promise<Environment> {
		const env = await this.#withKeys();
		if (role === "llm") {
			const own = Object.entries(env).filter(([name]) => !name.startsWith("EMBEDDING_"));
			return { ...Object.fromEntries(own), EMBEDDING_PROVIDER: "builtin" };
		}
		const { llm, embedding } = (await this.config()) ?? {};
		const apart =
			llm && embedding && !("baseUrl" in llm && originOf(llm.baseUrl) === originOf(embedding.baseUrl));
		// Whoever reads this knows no bound keys: what another host gets must be said.
		return apart ? { ...env, EMBEDDING_API_KEY: embedding.apiKey ?? "" } : env;
	}

	/** Undefined while the values are not valid. */
	async config(): Promise<Config | undefined> {
		return examineValues(await this.#withKeys(), this.#ambient).result?.config;
	}

	/** What can be asked for its models already. */
	async endpointsSoFar(): Promise<Pick<Config, "llm" | "embedding">> {
		return endpointsSoFar(await this.#withKeys(), this.#ambient, missingOf(this.#draft));
	}

	async #withKeys(): Promise<Values & Environment> {
		return { ...valuesOf(this.#draft), ...(await this.keys.keysFor(this.keySlots.slots)) };
	}

	edit(changes: readonly Change[], source: EditSource): void {
		const values = valuesOf(this.#draft);
		const meant = changes.map(({ variable, value }) => ({
			variable,
			value: variable.endsWith("_HEADERS") && value ? meantHeaders(value, values[variable]) : value,
		}));
		this.#draft = edited(this.#draft, meant, source);
	}

	/** @returns what is left to be given. */
	choosePreset(preset: Preset): readonly SettingVariable[] {
		this.#imported = undefined;
		this.#draft = requiring(edited(this.#draft, presetChanges(preset), "preset"), preset.required);
		return missingOf(this.#draft);
	}

	/** @returns what is left to be given. */
	chooseEmbeddingUse(use: EmbeddingUse): readonly SettingVariable[] {
		const { changes, required } = embeddingUseChanges(use, valuesOf(this.#draft));
		const others = this.#draft.required.filter((name) => !name.startsWith("EMBEDDING_"));
		this.#draft = requiring(edited(this.#draft, changes, "typed"), [...others, ...required]);
		return required;
	}

	resolve(variable: SettingVariable, keep: "mine" | "theirs"): void {
		this.#draft = resolved(this.#draft, variable, keep);
	}

	/** Settings changed elsewhere. */
	rebase(saved: Values): void {
		this.#draft = rebased(this.#draft, saved);
	}

	/** What a `.env` file says becomes edits, to be looked at before they are saved. */
	async import(file: string, { changes, keys, notes }: EnvImport, saved: Values): Promise<void> {
		this.discard(saved);
		this.#draft = edited(this.#draft, changes, ".env");
		for (const key of keys) await this.keys.offer(key);
		this.#imported = { file, notes };
	}

	/** Forgets what was edited. */
	discard(saved: Values): void {
		this.keys.discard();
		this.settle(saved);
	}

	/** What was edited is saved. */
	settle(saved: Values): void {
		this.#draft = editsOf(saved);
		this.#imported = undefined;
	}
}
