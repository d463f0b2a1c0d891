import * as vscode from "vscode";
import { NotAllowedError } from "../../../memory/access/sharing.ts";
import { InputError } from "../../../memory/errors.ts";
import type { UserMemory } from "../../../memory/userMemory.ts";
import { ConflictError } from "../../../store/errors.ts";
import type { Memory } from "../../../store/types.ts";
import { oneLine } from "../../../text/inert.ts";
import type { Deps } from "../../deps.ts";
import { errorForUser, needsToken, offerToken } from "../../runForUser.ts";
import { memoryIdOf, memoryScheme } from "./memoryUri.ts";
import type { NewDocuments } from "./newDocuments.ts";
import { VersionSizes } from "./versionSizes.ts";

/**
 * Memories as files of the scheme `mem0`. Saving one is updating the memory. That another process has changed it
 * meanwhile is found by VS Code itself, by the time and size of the file, and shown as its save conflict.
 */
export class MemoryFiles implements vscode.FileSystemProvider {
	readonly #deps: Deps;
	readonly #drafts: NewDocuments;
	readonly #sizes = new VersionSizes();
	/** As VS Code last saw it: what it compares with before it saves. */
	readonly #seen = new Map<string, Memory>();
	/** Deleted while their documents are open. */
	readonly #gone = new Set<string>();
	readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
	readonly onDidChangeFile = this.#changed.event;

	constructor(deps: Deps, drafts: NewDocuments) {
		this.#deps = deps;
		this.#drafts = drafts;
	}

	/** Every open document is looked at when the memory changes, so nothing is to be watched by itself. */
	watch(): vscode.Disposable {
		return { dispose: () => undefined };
	}

	async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
		if (uri.path === "/" || !uri.path.slice(1).includes("/"))
			return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
		if (this.#drafts.has(uri)) return this.#drafts.stat(uri);
		const memory = await this.#read(uri);
		this.#seen.set(memory.id, memory);
		const { length } = await this.#bytes(memory);
		const { id, createdAt, updatedAt } = memory;
		return {
			type: vscode.FileType.File,
			ctime: createdAt,
			mtime: updatedAt,
			size: this.#sizes.of(id, updatedAt, length),
		};
	}

	async readFile(uri: vscode.Uri): Promise<Uint8Array> {
		return this.#drafts.has(uri) ? this.#drafts.content(uri) : this.#bytes(await this.#read(uri));
	}

	async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
		try {
			const document = textOf(content);
			if (this.#drafts.has(uri)) return await this.#drafts.save(uri, document);
			const expected = this.#seen.get(memoryIdOf(uri) ?? "") ?? (await this.#read(uri));
			const { changeOf } = await import("./saveDocument.ts");
			const change = changeOf(document, expected, await this.#drafts.projects());
			const service = await this.#service();
			await service.change([change]).catch(async (error: unknown) => {
				if (!(error instanceof NotAllowedError) || change.text === expected.text) throw error;
				await service.review.proposeEdit(error.memory, change.text);
				// VS Code would take the proposed text for the memory's, if this were a success.
				throw vscode.FileSystemError.Unavailable(proposedText(expected.userId));
			});
			this.#seen.delete(expected.id);
		} catch (error) {
			if (error instanceof vscode.FileSystemError) throw error;
			throw this.#refusal(uri, error);
		}
	}

	/** In VS Code's words a file that cannot be saved, with our reason. */
	#refusal(uri: vscode.Uri, error: unknown): vscode.FileSystemError {
		if (error instanceof ConflictError) {
			this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
			const text = vscode.l10n.t(
				"The memory was changed by another program just now. Save again to compare.",
			);
			return vscode.FileSystemError.Unavailable(text);
		}
		const text = errorForUser(error);
		if (!(error instanceof InputError)) this.#deps.log.error(text);
		// VS Code says that the document is not saved, and lets nobody do anything about it.
		if (needsToken(error)) void offerToken(text);
		return vscode.FileSystemError.Unavailable(text);
	}

	async delete(uri: vscode.Uri): Promise<void> {
		const { id } = await this.#read(uri);
		await (await this.#service()).delete(id);
		this.#changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
	}

	readDirectory(): [string, vscode.FileType][] {
		return [];
	}

	createDirectory(uri: vscode.Uri): void {
		throw vscode.FileSystemError.NoPermissions(uri);
	}

	rename(uri: vscode.Uri): void {
		throw vscode.FileSystemError.NoPermissions(uri);
	}

	/** Tells VS Code which of the open documents have been changed or deleted by somebody else. */
	async lookAtOpen(): Promise<void> {
		const events: vscode.FileChangeEvent[] = [];
		for (const { uri } of vscode.workspace.textDocuments) {
			const id = memoryIdOf(uri) ?? "";
			const seen = this.#seen.get(id);
			if (uri.scheme !== memoryScheme || !seen) continue;
			const now = await this.#read(uri).catch((error: unknown) => (isNotFound(error) ? "gone" : undefined));
			if (now === undefined) continue;
			if (now === "gone") {
				this.#gone.add(id);
				events.push({ type: vscode.FileChangeType.Deleted, uri });
			} else if (this.#gone.delete(id)) events.push({ type: vscode.FileChangeType.Created, uri });
			else if (now.updatedAt !== seen.updatedAt) events.push({ type: vscode.FileChangeType.Changed, uri });
		}
		if (events.length > 0) this.#changed.fire(events);
	}

	/** A closed document has nothing to be compared with. */
	closed(uri: vscode.Uri): void {
		const id = memoryIdOf(uri);
		if (id === undefined) return;
		this.#sizes.forget(id);
		this.#seen.delete(id);
		this.#gone.delete(id);
	}

	async #read(uri: vscode.Uri): Promise<Memory> {
		const id = memoryIdOf(uri);
		if (id === undefined) throw vscode.FileSystemError.FileNotFound(uri);
		try {
			return await (await this.#service()).get(id);
		} catch (error) {
			if (error instanceof InputError) throw vscode.FileSystemError.FileNotFound(uri);
			throw vscode.FileSystemError.Unavailable(errorForUser(error));
		}
	}

	async #bytes(memory: Memory): Promise<Uint8Array> {
		const { renderDocument } = await import("./frontMatter.ts");
		return new TextEncoder().encode(renderDocument(memory));
	}

	#service(): Promise<UserMemory> {
		return this.#deps.memory.get();
	}

	dispose(): void {
		this.#changed.dispose();
	}
}

/** @throws InputError for what is no text: each of its bytes would be replaced without a word. */
function textOf(content: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(content);
	} catch {
		throw new InputError("text", vscode.l10n.t("A memory is a text in UTF-8. Nothing was saved."));
	}
}

function proposedText(author: string): string {
	return vscode.l10n.t(
		"{0} wrote this memory: your text waits for their review. Revert the document to see what is saved.",
		oneLine(author, 60),
	);
}

function isNotFound(error: unknown): boolean {
	return error instanceof vscode.FileSystemError && error.code === "FileNotFound";
}
