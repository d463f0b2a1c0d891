import * as l10n from "@vscode/l10n";
import { readDatabaseUrl } from "../../config/database.ts";
import { placeholderIn } from "../../config/placeholders.ts";
import { databaseHost, passwordSecret, splitPassword, withPassword } from "./databasePassword.ts";

/** The part of VS Code's SecretStorage used here. */
export interface Storage {
	keys(): PromiseLike<string[]>;
	get(name: string): PromiseLike<string | undefined>;
	store(name: string, value: string): PromiseLike<void>;
	delete(name: string): PromiseLike<void>;
}

interface Pending {
	/** Undefined: to be removed. */
	readonly password: string | undefined;
	/** It was typed in the URL, which may go on changing. */
	readonly inUrl: boolean;
}

/** What the panel says of the password for a URL. */
export interface PasswordStatus {
	readonly text: string;
	readonly hasPassword: boolean;
}

/** The passwords of databases, each for its user, host and port; changes wait until the settings are saved. */
export class DatabasePasswords {
	readonly #storage: Storage;
	/** The names of their secrets. */
	#stored: ReadonlySet<string> = new Set();
	readonly #pending = new Map<string, Pending>();
	/** Counts the edits. */
	revision = 0;

	constructor(storage: Storage) {
		this.#storage = storage;
	}

	async load(): Promise<void> {
		this.#stored = new Set(await this.#storage.keys());
	}

	/** Takes the password out of a URL that somebody typed or pasted. @returns the URL without it. */
	takeFrom(given: string): string {
		const { url, password } = splitPassword(given);
		const name = passwordSecret(url);
		if (password === undefined || name === undefined) return given;
		for (const [other, { inUrl }] of this.#pending) if (inUrl) this.#pending.delete(other);
		// As in the URL that Supabase shows, with [YOUR-PASSWORD].
		if (placeholderIn(password, { type: "string", secret: true }) === undefined) {
			this.#pending.set(name, { password, inUrl: true });
			this.revision += 1;
		}
		return url;
	}

	/** Undefined removes the password. */
	set(url: string, password: string | undefined): void {
		const name = passwordSecret(url);
		if (name === undefined) return;
		this.revision += 1;
		if (password === undefined && !this.#stored.has(name)) this.#pending.delete(name);
		else this.#pending.set(name, { password, inUrl: false });
	}

	/** Undefined while the URL names no user and host. */
	status(url: string | undefined): PasswordStatus | undefined {
		const read = url === undefined ? undefined : readDatabaseUrl(url);
		const name = url && passwordSecret(url);
		if (!name || !read || typeof read === "string") return undefined;
		const host = databaseHost(read);
		const pending = this.#pending.get(name);
		const stored = this.#stored.has(name);
		const hasPassword = pending ? pending.password !== undefined : stored;
		const text =
			pending?.password !== undefined
				? l10n.t`A password for ${host} is ready and will be stored when you save.`
				: pending
					? l10n.t`The password for ${host} will be removed when you save.`
					: stored
						? l10n.t`A password is stored for ${host}.`
						: l10n.t`No password is stored for ${host}.`;
		return { text, hasPassword };
	}

	/** The URL with the password of its user and host, for use now. */
	async complete(url: string): Promise<string> {
		const name = passwordSecret(url);
		if (name === undefined) return url;
		const pending = this.#pending.get(name);
		return withPassword(url, pending ? pending.password : await this.#storage.get(name));
	}

	/** How many changes wait that are for this URL. */
	unsaved(url: string | undefined): number {
		const name = url && passwordSecret(url);
		return name && this.#pending.has(name) ? 1 : 0;
	}

	/** Stores what is for this URL, and forgets what was entered for others on the way to it. */
	async save(url: string | undefined): Promise<void> {
		const name = url && passwordSecret(url);
		const pending = name ? this.#pending.get(name) : undefined;
		if (name && pending) {
			if (pending.password === undefined) await this.#storage.delete(name);
			else await this.#storage.store(name, pending.password);
		}
		this.#pending.clear();
		await this.load();
	}

	discard(): void {
		this.#pending.clear();
	}
}
