import * as vscode from "vscode";
import type { Log } from "../config/log.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import { readSettings, settingsPrefix } from "./settings.ts";

/** The window's memory: opened when first asked for, opened anew when the settings name another. */
export class MemoryAccess implements vscode.Disposable {
	readonly #workerFile: string;
	readonly #log: Log;
	readonly #changed = new vscode.EventEmitter<void>();
	readonly #settings: vscode.Disposable;
	#opened: Promise<MemoryService> | undefined;

	/** Memories, or the memory itself, are others than before. */
	readonly onDidChange: vscode.Event<void> = this.#changed.event;

	constructor(extensionUri: vscode.Uri, log: Log) {
		this.#workerFile = vscode.Uri.joinPath(extensionUri, "dist", "embedder.cjs").fsPath;
		this.#log = log;
		this.#settings = vscode.workspace.onDidChangeConfiguration((change) => {
			const moved = ["storage.directory", "userId", ...(this.#opened ? [] : ["logLevel"])].some((key) =>
				change.affectsConfiguration(`${settingsPrefix}.${key}`),
			);
			if (!moved) return;
			void this.#close();
			this.#changed.fire();
		});
	}

	/** @throws StoreError, ConfigError; the next call tries again. */
	get(): Promise<MemoryService> {
		this.#opened ??= this.#open().catch((error: unknown) => {
			this.#opened = undefined;
			throw error;
		});
		return this.#opened;
	}

	dispose(): Promise<void> {
		this.#settings.dispose();
		this.#changed.dispose();
		return this.#close();
	}

	async #open(): Promise<MemoryService> {
		const { openMemory } = await import("../memory/openMemory.ts");
		const memory = await openMemory(readSettings(), this.#workerFile, this.#log);
		memory.onDidChange(() => this.#changed.fire());
		memory.startBackgroundWork();
		const { database, notices } = memory.status();
		this.#log.info(`Memory: ${database}.`);
		for (const notice of notices) void vscode.window.showWarningMessage(notice);
		return memory;
	}

	async #close(): Promise<void> {
		const opened = this.#opened;
		this.#opened = undefined;
		// A memory that could not be opened has told its own caller so.
		const memory = await opened?.catch(() => undefined);
		await memory?.dispose();
	}
}
