import * as vscode from "vscode";
import { l10n } from "vscode";
import type { EndpointRole } from "../../config/endpoints.ts";
import type { VariableName } from "../../config/variables.ts";
import type { Fix } from "../../doctor/report.ts";
import { EditedSettings } from "../../settings/editedSettings.ts";
import type { EnvImport } from "../../settings/env/envImport.ts";
import { KeyRing } from "../../settings/keys/keyRing.ts";
import { mayAsk, mayTravel } from "../../settings/keys/transit.ts";
import { type PanelInput, panelState } from "../../settings/panel/panelState.ts";
import type { PanelState, ToExtension } from "../../settings/panel/protocol.ts";
import { presets } from "../../settings/presets.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import { isSettingVariable } from "../../settings/values.ts";
import { plural } from "../../text/wording.ts";
import { hostModels } from "../copilotChat.ts";
import type { Deps } from "../deps.ts";
import { applyFix } from "../diagnostics/applyFix.ts";
import { examineHere } from "../diagnostics/examination.ts";
import { copyMemories } from "./copyMemories.ts";
import { changePassword } from "./databasePassword.ts";
import { hostEnvironment, networkSection } from "./hostEnvironment.ts";
import { askToSend, changeKey } from "./keys.ts";
import { createLocalServers } from "./localServers.ts";
import { createModelLists } from "./modelLists.ts";
import { findPlainKeys, movePlainKeys } from "./plainKeys.ts";
import { createTestRuns } from "./testRuns.ts";
import { settingsEnvironment, updateSettings } from "./vscodeSettings.ts";

/** The edits in the settings panel. They outlive the panel, until they are saved or discarded. */
export class SettingsSession implements vscode.Disposable {
	readonly #deps: Deps;
	readonly #edited: EditedSettings;
	readonly #local: ReturnType<typeof createLocalServers>;
	readonly #models: ReturnType<typeof createModelLists>;
	readonly #tests: ReturnType<typeof createTestRuns>;
	readonly #changed = new vscode.EventEmitter<void>();
	readonly #announced = new vscode.EventEmitter<string>();
	readonly #subscriptions: vscode.Disposable;
	#measured: PanelInput["measured"];
	#sequence = 0;
	#updates = 0;

	/** The panel must be drawn again. */
	readonly onDidChange: vscode.Event<void> = this.#changed.event;
	/** A message for screen readers. */
	readonly onDidAnnounce: vscode.Event<string> = this.#announced.event;

	private constructor(deps: Deps) {
		this.#deps = deps;
		const { secrets } = deps.context;
		this.#edited = new EditedSettings(settingsEnvironment(), new KeyRing(secrets), hostEnvironment());
		const changed = () => this.#changed.fire();
		this.#local = createLocalServers(() => this.#edited.input.examined.values, changed);
		this.#models = createModelLists(hostModels, changed);
		this.#tests = createTestRuns((options) => examineHere(deps, options), changed);
		this.#subscriptions = vscode.Disposable.from(
			vscode.workspace.onDidChangeConfiguration((change) => {
				if (![settingsPrefix, networkSection].some((name) => change.affectsConfiguration(name))) return;
				this.#edited.rebase(settingsEnvironment());
				this.#update();
			}),
			secrets.onDidChange(() => void this.#edited.keys.load().then(() => this.#update())),
			deps.memory.onDidChange(() => void this.#measure()),
		);
	}

	static async start(deps: Deps): Promise<SettingsSession> {
		const session = new SettingsSession(deps);
		await session.#edited.keys.load();
		session.#update(0);
		void session.#measure();
		return session;
	}

	get state(): PanelState {
		const { fingerprint, input } = this.#edited;
		return panelState({
			...input,
			models: this.#models.views,
			tests: {
				chat: this.#tests.view("chat", fingerprint),
				embedding: this.#tests.view("embedding", fingerprint),
				storage: this.#tests.view("storage", fingerprint),
			},
			plainKeys: this.#plainKeys.map(({ place }) => `${settingsPrefix}.${place}`),
			measured: this.#measured,
			local: this.#local.view,
			sequence: this.#sequence,
		});
	}

	get #plainKeys() {
		return findPlainKeys(this.#edited.savedEndpoints);
	}

	/** How many edits of settings and keys are not saved. */
	get unsaved(): number {
		return this.#edited.unsaved;
	}

	/** With the saved settings. */
	get usesTeamServer(): boolean {
		return this.#edited.savedEndpoints.teamServer !== undefined;
	}

	/** @returns the variable whose field should get the cursor, if any. */
	async handle(message: ToExtension): Promise<VariableName | undefined> {
		const edited = this.#edited;
		switch (message.kind) {
			case "edit":
				this.#sequence = message.sequence;
				edited.edit([message], "typed");
				this.#update();
				break;
			case "embedding-use": {
				const [missing] = edited.chooseEmbeddingUse(message.use);
				this.#update(0);
				return missing;
			}
			case "preset":
				return this.#choosePreset(message.id);
			case "find-local":
				await this.findLocal();
				break;
			case "use-local":
				return this.#useLocal(message.index);
			case "resolve":
				edited.resolve(message.variable, message.keep);
				this.#update();
				return message.variable;
			case "key": {
				const changed = await changeKey(this.#deps.context.secrets, edited, message);
				this.#update(0);
				return changed;
			}
			case "database":
				edited.chooseDatabase(message.choice);
				this.#update(0);
				break;
			case "password":
				await changePassword(edited, message.action);
				this.#update(0);
				break;
			case "copy-memories":
				await copyMemories(this.#deps, await edited.environment("storage"));
				break;
			case "move-plain-keys":
				await movePlainKeys(this.#deps.context, this.#plainKeys);
				break;
			case "list-models":
				await this.#listModels(message.role);
				break;
			case "test": {
				const { fingerprint } = edited;
				await this.#tests.start(message.role, fingerprint, await edited.environment(message.role));
				break;
			}
			case "cancel-test":
				this.#tests.cancel(message.role);
				break;
			case "fix":
				return this.#applyFix(this.#tests.fix(message.role, message.finding, message.index));
			case "browse":
				return this.#browse();
			case "discard":
				this.discard();
				break;
			case "save":
				return this.#save();
		}
		return undefined;
	}

	async import(file: string, read: EnvImport): Promise<void> {
		await this.#edited.import(file, read, settingsEnvironment());
		this.#update(0);
		const { unsaved } = this;
		this.#announced.fire(
			unsaved === 0
				? l10n.t("{0} matches the current settings.", file)
				: l10n.t(
						"{0} was read. Nothing is saved yet: check the changes ({1}), then save or discard.",
						file,
						unsaved,
					),
		);
	}

	findLocal(): Promise<void> {
		return this.#local.find();
	}

	discard(): void {
		this.#edited.discard(settingsEnvironment());
		this.#update(0);
	}

	dispose(): void {
		this.#local.dispose();
		this.#subscriptions.dispose();
		this.#models.dispose();
		this.#tests.dispose();
		this.#changed.dispose();
		this.#announced.dispose();
	}

	/** The focus stays where the preset was chosen: by keyboard, one passes others on the way to it. */
	#choosePreset(id: string): undefined {
		const preset = presets.find((each) => each.id === id);
		if (!preset) return;
		const missing = this.#edited.choosePreset(preset).length;
		this.#update(0);
		const left = plural(missing, l10n.t("One field is left for you."), l10n.t("# fields are left for you."));
		const filled = l10n.t("{0} is filled in.", preset.label);
		this.#announced.fire(missing === 0 ? filled : `${filled} ${left}`);
	}

	#useLocal(index: number): undefined {
		const offer = this.#local.offers()[index];
		if (!offer) return;
		this.#edited.useLocal(offer);
		this.#update(0);
		this.#announced.fire(l10n.t("{0}: filled in. Save to use it.", offer.text));
	}

	async #applyFix(fix: Fix | undefined): Promise<VariableName | undefined> {
		if (!fix) return undefined;
		const changed = await applyFix(this.#deps.context, fix, {
			set: (changes) => this.#edited.edit(changes, "fix"),
			setKey: (slot, key) => this.#edited.keys.set(slot, key),
			open: () => undefined,
		});
		if (changed) this.#update(0);
		return fix.kind === "set" ? fix.changes[0]?.variable : "variable" in fix ? fix.variable : undefined;
	}

	async #browse(): Promise<VariableName> {
		const openLabel = l10n.t("Keep Memories Here");
		const options = { canSelectFiles: false, canSelectFolders: true, openLabel };
		const [folder] = (await vscode.window.showOpenDialog(options)) ?? [];
		if (folder) this.#edited.edit([{ variable: "MEMORY_DIR", value: folder.fsPath }], "typed");
		this.#update();
		return "MEMORY_DIR";
	}

	async #save(): Promise<VariableName | undefined> {
		const { canSave, problems } = this.state;
		if (!canSave) return Object.keys(problems).find(isSettingVariable);
		const { keys, changes } = this.#edited;
		const { secrets } = this.#deps.context;
		const endpoints = await this.#edited.endpoints();
		if (!(await mayAsk(secrets, endpoints, ["chat", "embedding"], askToSend))) return undefined;
		for (const origin of keys.waiting)
			if (!(await mayTravel(secrets, origin, "key", askToSend))) return undefined;
		// Keys come first: a setting takes effect as soon as it is written.
		await keys.save();
		await keys.passwords.save(this.#edited.databaseUrl);
		await updateSettings(changes);
		this.#edited.settle(settingsEnvironment());
		this.#update(0);
		this.#announced.fire(
			l10n.t("Saved. Every window and every running MCP session uses it from its next call."),
		);
		return undefined;
	}

	/** @param delay ms before the models are listed. */
	#update(delay?: number): void {
		this.#changed.fire();
		this.#updates += 1;
		void this.#offerModels(this.#updates, delay);
	}

	async #offerModels(update: number, delay: number | undefined): Promise<void> {
		const edited = this.#edited;
		const saved = (["chat", "embedding"] as const).filter((role) => edited.isSaved(role));
		const endpoints = await edited.endpoints();
		const unasked: EndpointRole[] = [];
		for (const role of saved)
			if (await mayAsk(this.#deps.context.secrets, endpoints, [role])) unasked.push(role);
		// A later update knows better.
		if (update === this.#updates) this.#models.update(endpoints, unasked, delay);
	}

	async #listModels(role: EndpointRole): Promise<void> {
		const endpoints = await this.#edited.endpoints();
		if (await mayAsk(this.#deps.context.secrets, endpoints, [role], askToSend))
			this.#models.refresh(role, endpoints);
	}

	/** Learns the dimensions of the memory's vectors. */
	async #measure(): Promise<void> {
		this.#measured = await this.#deps.memory.get().then(
			async (memory) => (await memory.status()).embedding.space,
			() => undefined,
		);
		this.#changed.fire();
	}
}
