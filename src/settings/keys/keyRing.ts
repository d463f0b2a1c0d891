import {
	type BoundKey,
	fromSecret,
	type KeySlot,
	type KeyVariable,
	sameSlot,
	secretName,
	slotOfSecret,
	toSecret,
} from "./boundKeys.ts";
import { DatabasePasswords, type Storage } from "./databasePasswords.ts";
import type { KnownKey } from "./keyStatus.ts";

interface Pending extends KeySlot {
	/** Undefined: to be removed; empty: the server needs none. */
	readonly key: string | undefined;
	readonly source: "entered" | ".env";
}

/** The stored keys, and changes to them that wait until the settings are saved. */
export class KeyRing {
	/** Of the team's database. */
	readonly passwords: DatabasePasswords;
	readonly #storage: Storage;
	#stored: KnownKey[] = [];
	#pending: Pending[] = [];
	/** Counts the edits, because a replaced key looks like the one before. */
	revision = 0;

	constructor(storage: Storage) {
		this.#storage = storage;
		this.passwords = new DatabasePasswords(storage);
	}

	/** Finds out which keys are stored. */
	async load(): Promise<void> {
		const slots = (await this.#storage.keys()).flatMap((name) => slotOfSecret(name) ?? []);
		const stored: KnownKey[] = [];
		for (const slot of slots) {
			const key = fromSecret(await this.#storage.get(secretName(slot)));
			if (key !== undefined) stored.push({ ...slot, kind: key === "" ? "none" : "key" });
		}
		this.#stored = stored;
		await this.passwords.load();
	}

	/** All keys, stored or pending, without those to be removed. */
	get known(): readonly KnownKey[] {
		const untouched = this.#stored.filter((slot) => !this.#pending.some((each) => sameSlot(each, slot)));
		const added = this.#pending.flatMap(({ key, source, ...slot }): KnownKey[] =>
			key === undefined ? [] : [{ ...slot, kind: key === "" ? "none" : "key", unsaved: source }],
		);
		return [...untouched, ...added];
	}

	get removed(): readonly KeySlot[] {
		return this.#pending.filter(({ key }) => key === undefined);
	}

	/** How many changes are pending. */
	get unsaved(): number {
		return this.#pending.length;
	}

	/** Undefined: to be removed; empty: the server needs none. */
	set(slot: KeySlot, key: string | undefined, source: Pending["source"] = "entered"): void {
		const { variable, origin } = slot;
		this.revision += 1;
		this.#pending = this.#pending.filter((each) => !sameSlot(each, slot));
		const nothingStored = !this.#stored.some((each) => sameSlot(each, slot));
		if (key !== undefined || !nothingStored) this.#pending.push({ variable, origin, key, source });
	}

	/** Takes a key from a `.env` file, unless the same key is stored already. */
	async offer({ key, ...slot }: BoundKey): Promise<void> {
		if ((await this.get(slot)) !== key) this.set(slot, key, ".env");
	}

	async get(slot: KeySlot): Promise<string | undefined> {
		const pending = this.#pending.find((each) => sameSlot(each, slot));
		return pending ? pending.key : fromSecret(await this.#storage.get(secretName(slot)));
	}

	/** The keys for some slots, for use now. */
	async keysFor(slots: readonly KeySlot[]): Promise<Partial<Record<KeyVariable, string>>> {
		const keys: Partial<Record<KeyVariable, string>> = {};
		for (const slot of slots) {
			const key = await this.get(slot);
			if (key !== undefined) keys[slot.variable] = key;
		}
		return keys;
	}

	/** Where the pending keys will be sent. */
	get waiting(): readonly string[] {
		return this.#pending.filter(({ key }) => key).map(({ origin }) => origin);
	}

	async save(): Promise<void> {
		for (const { key, ...slot } of this.#pending) {
			if (key === undefined) await this.#storage.delete(secretName(slot));
			else await this.#storage.store(secretName(slot), toSecret(key));
		}
		this.#pending = [];
		await this.load();
	}

	discard(): void {
		this.#pending = [];
		this.passwords.discard();
	}
}
