import * as vscode from "vscode";
import type { Candidate } from "../../../store/candidates.ts";
import type { Memory, Origin, Project } from "../../../store/types.ts";
import { counted } from "../../../text/wording.ts";
import type { Deps } from "../../deps.ts";
import { flash } from "../../ui.ts";
import { waitingCandidate } from "../review/proposals.ts";
import { fileName, memoryScheme, memoryUri } from "./memoryUri.ts";

/** Projects that a person can choose from. */
const mostProjects = 500;

const keptAs = "unfinishedMemories";

type Saved = Pick<Memory, "id" | "text">;

/**
 * Documents of memories that there are not yet: new ones at `mem0:/new/…`, and edited candidates at `mem0:/review/<id>/…`.
 * Their first save makes a memory of them. Until then VS Code keeps what is typed, as of any file: over a reload, and
 * asking before it is closed.
 */
export class NewDocuments {
	readonly #deps: Deps;
	readonly #openedAt = Date.now();
	/** What a document begins with, by its path. */
	readonly #begun = new Map<string, Uint8Array>();
	/** Documents that VS Code is about to save by itself, by their paths. */
	readonly #autoSaved = new Set<string>();
	#count = 0;

	constructor(deps: Deps) {
		this.#deps = deps;
		for (const [path, document] of Object.entries(this.#kept)) this.#begun.set(path, encoded(document));
	}

	/** What VS Code has saved by itself and nobody has made a memory of yet, by path. It outlives the window. */
	get #kept(): Readonly<Record<string, string>> {
		return this.#deps.context.workspaceState.get(keptAs, {});
	}

	async #keep(path: string, document: string | undefined): Promise<void> {
		const { [path]: _, ...others } = this.#kept;
		await this.#deps.context.workspaceState.update(
			keptAs,
			document === undefined ? others : { ...others, [path]: document },
		);
	}

	/** VS Code says before a save whether a person has asked for it. */
	willSave({ path }: vscode.Uri, reason: vscode.TextDocumentSaveReason): void {
		if (reason === vscode.TextDocumentSaveReason.Manual) this.#autoSaved.delete(path);
		else this.#autoSaved.add(path);
	}

	/** Those with memories, and that of the window. */
	readonly projects = async (): Promise<readonly Project[]> => {
		const here = await this.#deps.currentProject();
		const { groups } = await (await this.#deps.memory.get()).groups("project", mostProjects);
		const others = groups.flatMap(({ key, name }) =>
			key === undefined || key === here?.id ? [] : [{ id: key, name: name ?? key }],
		);
		return here ? [here, ...others] : others;
	};

	/** Opens a new one, with the text that it begins with; without one, what was left unfinished. */
	async open(text: string): Promise<void> {
		const [unfinished] = Object.keys(this.#kept).filter((path) => path.startsWith("/new/"));
		if (text === "" && unfinished !== undefined) return void (await this.#open(unfinished));
		this.#count += 1;
		const name = vscode.l10n.t("New memory {0}", this.#count);
		await this.#show(`/new/${name}.md`, { text, scope: "global" });
	}

	/** Opens a candidate, which is accepted as it is when it is saved. */
	async edit(candidate: Candidate): Promise<void> {
		await this.#show(`/review/${candidate.id}/${fileName(candidate.text)}`, candidate);
	}

	async #show(path: string, memory: Pick<Memory, "text" | "scope" | "project">): Promise<void> {
		const { renderDocument } = await import("./frontMatter.ts");
		this.#begun.set(path, encoded(renderDocument(memory)));
		await this.#open(path);
	}

	async #open(path: string): Promise<void> {
		const begun = new TextDecoder().decode(this.#begun.get(path));
		const uri = vscode.Uri.from({ scheme: memoryScheme, path });
		// Behind the text, before the document's last line break.
		const lines = begun.split(/\r\n?|\n/);
		const end = new vscode.Position(lines.length - 2, lines.at(-2)?.length ?? 0);
		await vscode.window.showTextDocument(uri, { preview: false, selection: new vscode.Range(end, end) });
	}

	has({ path }: vscode.Uri): boolean {
		return /^\/(?:new|review)\//.test(path);
	}

	async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
		const { length } = await this.content(uri);
		return { type: vscode.FileType.File, ctime: this.#openedAt, mtime: this.#openedAt, size: length };
	}

	async content(uri: vscode.Uri): Promise<Uint8Array> {
		const begun = this.#begun.get(uri.path);
		if (begun) return begun;
		// After a reload, VS Code itself brings back what was typed.
		const candidate = await this.#candidateOf(uri);
		const { renderDocument } = await import("./frontMatter.ts");
		return encoded(renderDocument(candidate ?? { text: "", scope: "global" }));
	}

	/** Makes a memory of a document, whose place is then taken by the memory's own. */
	async save(uri: vscode.Uri, document: string): Promise<void> {
		if (this.#autoSaved.delete(uri.path)) {
			// Half a sentence is no memory: what VS Code saves by itself is kept until a person saves it.
			this.#begun.set(uri.path, encoded(document));
			return this.#keep(uri.path, document);
		}
		const { checkedDocument } = await import("./saveDocument.ts");
		const { text, fields } = checkedDocument(document, await this.projects());
		const candidate = await this.#candidateOf(uri);
		const service = await this.#deps.memory.get();
		const edited = { text, ...fields };
		const saved = candidate
			? (await service.acceptCandidates([candidate], edited)).flatMap(({ added, changed }) => [
					...added.map(({ memory }) => memory),
					...changed.map(({ after }) => after),
				])
			: (await service.save({ ...edited, origin: ownOrigin() })).memories;
		this.#begun.set(uri.path, encoded(document));
		await this.#keep(uri.path, undefined);
		// VS Code is still saving this document; it is replaced when that is done.
		setTimeout(() => void this.#replace(uri, saved), 50);
	}

	async #candidateOf({ path }: vscode.Uri): Promise<Candidate | undefined> {
		const [, folder, id] = path.split("/");
		if (folder !== "review" || id === undefined) return undefined;
		return waitingCandidate(await this.#deps.memory.get(), id);
	}

	async #replace(uri: vscode.Uri, saved: readonly Saved[]): Promise<void> {
		flash(vscode.l10n.t("Saved {0}", counted(saved.length)));
		const [only] = saved;
		if (only && saved.length === 1)
			await vscode.window.showTextDocument(memoryUri(only.id, only.text), { preview: false });
		// A tab that was edited again meanwhile stays.
		const tabs = vscode.window.tabGroups.all
			.flatMap((group) => group.tabs)
			.filter(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString());
		await vscode.window.tabGroups.close(tabs.filter(({ isDirty }) => !isDirty));
		this.#begun.delete(uri.path);
	}
}

/** As `Mem0: Save Memory…` has it. */
function ownOrigin(): Origin {
	return { how: "command", client: vscode.env.appName, clientVersion: vscode.version };
}

function encoded(document: string): Uint8Array {
	return new TextEncoder().encode(document);
}
