import * as vscode from "vscode";
import type { Log } from "../config/log.ts";
import { messageOf } from "../config/remarks.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import type { Bundles } from "../memory/openMemory.ts";
import { settingsPrefix } from "../settings/settingNames.ts";
import { storedKeys } from "./settings/keys.ts";
import { readUsableSettings } from "./settings/vscodeSettings.ts";

/** ms without a further change before settings are read again: several are usually saved together. */
const settleTime = 100;

/** The window's memory: opened when it is first needed, and again after settings or keys change. */
export class MemoryAccess implements vscode.Disposable {
	readonly #context: vscode.ExtensionContext;
	readonly bundles: Bundles;
	readonly #log: Log;
	readonly #changed = new vscode.EventEmitter<void>();
	readonly #asked = new vscode.EventEmitter<void>();
	readonly #subscriptions: vscode.Disposable;
	#opened: Promise<MemoryService> | undefined;
	/** When settings or keys were last changed. */
	#changedAt = Number.NEGATIVE_INFINITY;
	#current: MemoryService | undefined;

	/** A request went to a model endpoint. */
	readonly onDidAsk: vscode.Event<void> = this.#asked.event;
	/** Memories changed, or another memory is open. */
	readonly onDidChange: vscode.Event<void> = this.#changed.event;

	constructor(context: vscode.ExtensionContext, log: Log) {
		this.#context = context;
		const bundle = (name: string) => vscode.Uri.joinPath(context.extensionUri, "dist", name).fsPath;
		this.bundles = { embedder: bundle("embedder.cjs"), mem0: bundle("mem0.js") };
		this.#log = log;
		this.#subscriptions = vscode.Disposable.from(
			vscode.workspace.onDidChangeConfiguration((change) => {
				if (!change.affectsConfiguration(settingsPrefix)) return;
				const affects = (name: string) => change.affectsConfiguration(`${settingsPrefix}.${name}`);
				const others = ["storage", "userId", "llm", "embedding", "azure", "requestTimeout"].some(affects);
				if (!this.#opened || others || !affects("logLevel")) this.#reopen();
			}),
			context.secrets.onDidChange(() => this.#reopen()),
			// A model may have become available.
			vscode.lm.onDidChangeChatModels(() => void this.#opened?.then((memory) => memory.workSoon())),
		);
	}

	/** @throws StoreError, ConfigError; the next call tries again. */
	get(): Promise<MemoryService> {
		if (this.#opened) return this.#opened;
		const opened = this.#open();
		this.#opened = opened;
		opened.catch(() => {
			if (this.#opened === opened) this.#opened = undefined;
		});
		return opened;
	}

	/** The memory, if it is open; this does not open it. */
	get current(): MemoryService | undefined {
		return this.#current;
	}

	dispose(): Promise<void> {
		this.#subscriptions.dispose();
		this.#asked.dispose();
		this.#changed.dispose();
		return this.#close();
	}

	#reopen(): void {
		this.#changedAt = performance.now();
		void this.#close();
		this.#changed.fire();
	}

	async #open(): Promise<MemoryService> {
		const { openMemory } = await import("../memory/openMemory.ts");
		await this.#settled();
		const keys = await storedKeys(this.#context.secrets);
		const { config, notices: remarks, notConfigured } = readUsableSettings(keys);
		for (const remark of remarks) this.#log.warn(messageOf(remark));
		const { llm } = config;
		const { copilotChat } = await import("./copilotChat.ts");
		const access = this.#context.languageModelAccessInformation;
		const hostModel = llm?.provider === "vscode" ? copilotChat(llm, access) : undefined;
		const log = this.#log;
		const memory = await openMemory({ config, bundles: this.bundles, log, hostModel, notConfigured });
		memory.onDidChange(() => this.#changed.fire());
		memory.onDidAsk(() => this.#asked.fire());
		this.#current = memory;
		memory.startBackgroundWork();
		const { database, notices } = await memory.status();
		log.info(`Memory: ${database}.`);
		for (const notice of notices) void vscode.window.showWarningMessage(notice);
		return memory;
	}

	/** Half of a change might send a text to the right host with the wrong model, or worse. */
	async #settled(): Promise<void> {
		for (;;) {
			const rest = this.#changedAt + settleTime - performance.now();
			if (rest <= 0) return;
			await new Promise((resolve) => setTimeout(resolve, rest));
		}
	}

	async #close(): Promise<void> {
		const opened = this.#opened;
		this.#opened = undefined;
		this.#current = undefined;
		// The caller that opened the memory has the error.
		const memory = await opened?.catch(() => undefined);
		await memory?.dispose();
	}
}
