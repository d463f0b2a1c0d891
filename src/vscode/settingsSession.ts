import * as vscode from "vscode";
import {
	type Change,
	changesOf,
	type Draft,
	draftOf,
	type EditSource,
	edited,
	missingOf,
	rebased,
	requiring,
	resolved,
	valuesOf,
} from "../config/draft.ts";
import { embeddingUseChanges } from "../config/embeddingUse.ts";
import type { EnvImport } from "../config/envImport.ts";
import type { KeyVariable } from "../config/keys.ts";
import { presetChanges, presets } from "../config/presets.ts";
import { examineValues } from "../config/problems.ts";
import { settingsPrefix } from "../config/settingNames.ts";
import { type SettingVariable, toSetting, variableOf } from "../config/values.ts";
import type { PanelState, ToExtension } from "../protocol.ts";
import type { Deps } from "./deps.ts";
import { KeyRing } from "./keyRing.ts";
import { ModelLists } from "./modelLists.ts";
import { keysIn, type PanelInput, panelState } from "./panelState.ts";
import { findPlainKeys, movePlainKeys } from "./plainKeysInSettings.ts";
import { askForKey, mayTravel } from "./secrets.ts";
import { settingsEnvironment } from "./settings.ts";

/** Settings and keys that are being edited; outlives the panel that shows them, until they are saved or discarded. */
export class SettingsSession implements vscode.Disposable {
	readonly #deps: Deps;
	readonly #keys: KeyRing;
	readonly #models: ModelLists;
	readonly #changed = new vscode.EventEmitter<void>();
	readonly #announced = new vscode.EventEmitter<string>();
	readonly #subscriptions: vscode.Disposable;
	#draft: Draft;
	#imported: PanelInput["imported"];
	#measured: PanelInput["measured"];
	#sequence = 0;

	/** The panel is to be drawn anew. */
	readonly onDidChange: vscode.Event<void> = this.#changed.event;
	/** Something happened that a person should hear of. */
	readonly onDidAnnounce: vscode.Event<string> = this.#announced.event;

	private constructor(deps: Deps) {
		this.#deps = deps;
		this.#keys = new KeyRing(deps.context.secrets);
		this.#models = new ModelLists(hostModels, () => this.#changed.fire());
		this.#draft = draftOf(settingsEnvironment());
		this.#subscriptions = vscode.Disposable.from(
			vscode.workspace.onDidChangeConfiguration((change) => {
				if (!change.affectsConfiguration(settingsPrefix)) return;
				this.#draft = rebased(this.#draft, settingsEnvironment());
				this.#update();
			}),
			deps.context.secrets.onDidChange(() => void this.#keys.load().then(() => this.#update())),
			deps.memory.onDidChange(() => void this.#measure()),
		);
	}

	static async start(deps: Deps): Promise<SettingsSession> {
		const session = new SettingsSession(deps);
		await session.#keys.load();
		session.#update(0);
		void session.#measure();
		return session;
	}

	get state(): PanelState {
		return panelState({
			draft: this.#draft,
			known: this.#keys.known,
			removed: this.#keys.removed,
			unsavedKeys: this.#keys.unsaved,
			ambient: process.env,
			models: { llm: this.#models.view("llm"), embedding: this.#models.view("embedding") },
			tests: {},
			imported: this.#imported,
			plainKeys: findPlainKeys().map(({ place }) => `${settingsPrefix}.${place}`),
			measured: this.#measured,
			sequence: this.#sequence,
		});
	}

	/** How many settings and keys are edited and not saved. */
	get unsaved(): number {
		return changesOf(this.#draft).length + this.#keys.unsaved;
	}

	/** @returns the variable whose field should get the cursor, where there is one. */
	async handle(message: ToExtension): Promise<SettingVariable | undefined> {
		switch (message.kind) {
			case "edit":
				this.#sequence = message.sequence;
				this.#edit([message], "typed");
				return undefined;
			case "embedding-use": {
				const { changes, required } = embeddingUseChanges(message.use, valuesOf(this.#draft));
				const others = this.#draft.required.filter((name) => name !== "EMBEDDING_BASE_URL");
				this.#draft = requiring(edited(this.#draft, changes, "typed"), [...others, ...required]);
				this.#update(0);
				return required[0];
			}
			case "preset":
				return this.#apply(message.id);
			case "resolve":
				this.#draft = resolved(this.#draft, message.variable, message.keep);
				this.#update();
				return message.variable;
			case "key":
				await this.#changeKey(message.variable, message.action);
				return undefined;
			case "move-plain-keys":
				await movePlainKeys(this.#deps.context);
				return undefined;
			case "list-models":
				this.#models.refresh(message.role, await this.#endpoints());
				return undefined;
			case "browse":
				await this.#browse();
				return "MEMORY_DIR";
			case "discard":
				this.discard();
				return undefined;
			case "save":
				return this.#save();
			default:
				return undefined;
		}
	}

	/** What a `.env` file says becomes edits, to be looked at before they are saved. */
	import(file: string, { changes, keys, notes }: EnvImport): void {
		this.discard();
		this.#draft = edited(this.#draft, changes, ".env");
		for (const { key, ...slot } of keys) this.#keys.set(slot, key, ".env");
		this.#imported = { file, notes };
		this.#update(0);
		const count = this.unsaved;
		this.#announced.fire(
			count === 0
				? `${file} says what is configured already.`
				: `${file} is read. Nothing is saved yet: look at the ${count} changes, then save or discard them.`,
		);
	}

	discard(): void {
		this.#draft = draftOf(settingsEnvironment());
		this.#keys.discard();
		this.#imported = undefined;
		this.#update(0);
	}

	dispose(): void {
		this.#subscriptions.dispose();
		this.#models.dispose();
		this.#changed.dispose();
		this.#announced.dispose();
	}

	#edit(changes: readonly Change[], source: EditSource): void {
		this.#draft = edited(this.#draft, changes, source);
		this.#update();
	}

	#apply(id: string): SettingVariable | undefined {
		const preset = presets.find((each) => each.id === id);
		if (!preset) return undefined;
		this.#imported = undefined;
		this.#draft = requiring(edited(this.#draft, presetChanges(preset), "preset"), preset.required);
		this.#update(0);
		const missing = missingOf(this.#draft);
		this.#announced.fire(
			missing.length === 0
				? `${preset.label} is filled in.`
				: `${preset.label} is filled in. ${missing.length === 1 ? "One field is" : `${missing.length} fields are`} left for you.`,
		);
		return missing[0];
	}

	async #changeKey(variable: KeyVariable, action: "enter" | "remove" | "reuse" | "none"): Promise<void> {
		const { slots, statuses } = this.#keySlots();
		const index = slots.findIndex((slot) => slot.variable === variable);
		const slot = slots[index];
		if (!slot) return;
		const { reusable } = statuses[index] ?? {};
		if (action === "enter" || (action === "reuse" && reusable)) {
			const key =
				action === "enter" ? await askForKey(slot.origin) : reusable && (await this.#keys.get(reusable));
			if (!key || !(await mayTravel(this.#deps.context, slot.origin))) return;
			this.#keys.set(slot, key);
		} else if (action === "none") this.#keys.set(slot, "");
		else this.#keys.set(slot, undefined);
		this.#update(0);
	}

	#keySlots() {
		const { known, removed } = this.#keys;
		return keysIn({ draft: this.#draft, known, removed, ambient: process.env }, valuesOf(this.#draft));
	}

	/** The endpoints as they are edited, with their keys; undefined while the values are not valid. */
	async #endpoints() {
		const { slots } = this.#keySlots();
		const keys = await this.#keys.keysFor(slots);
		return examineValues({ ...valuesOf(this.#draft), ...keys }, process.env).result?.config;
	}

	async #browse(): Promise<void> {
		const [folder] =
			(await vscode.window.showOpenDialog({
				canSelectFiles: false,
				canSelectFolders: true,
				openLabel: "Keep Memories Here",
			})) ?? [];
		if (folder) this.#edit([{ variable: "MEMORY_DIR", value: folder.fsPath }], "typed");
	}

	async #save(): Promise<SettingVariable | undefined> {
		const { canSave, problems } = this.state;
		if (!canSave) return Object.keys(problems)[0] as SettingVariable | undefined;
		for (const { origin } of this.#keys.waiting)
			if (!(await mayTravel(this.#deps.context, origin))) return undefined;
		// Keys come first: a setting is in effect as soon as it is written.
		await this.#keys.save();
		const settings = vscode.workspace.getConfiguration(settingsPrefix);
		for (const { variable, value } of changesOf(this.#draft))
			await settings.update(
				variableOf(variable).setting as string,
				toSetting(variable, value),
				vscode.ConfigurationTarget.Global,
			);
		this.#draft = draftOf(settingsEnvironment());
		this.#imported = undefined;
		this.#update(0);
		this.#announced.fire("Saved. Every window and running MCP session uses it from the next call.");
		return undefined;
	}

	#update(delay?: number): void {
		this.#changed.fire();
		void this.#endpoints().then((endpoints) => this.#models.update(endpoints, delay));
	}

	/** How wide the vectors are that the memory has had so far. */
	async #measure(): Promise<void> {
		const space = await this.#deps.memory.get().then(
			(memory) => memory.status().embedding.space,
			() => undefined,
		);
		const { origin = "", model = "", dimensions } = space ?? {};
		this.#measured = dimensions === undefined ? undefined : { origin, model, dimensions };
		this.#changed.fire();
	}
}

async function hostModels(): Promise<string[]> {
	const models = await vscode.lm.selectChatModels();
	return [...new Set(models.map(({ family }) => family))];
}
