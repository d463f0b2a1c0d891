/**
 * The sizes that documents have for VS Code. It takes a file for unchanged that has the size it had, even where the time
 * of its change is another, so that a save would overwrite a change of the same length unseen. Therefore each version
 * of a memory has a size of its own: that of its bytes, or a little more.
 */
export class VersionSizes {
	readonly #sizes = new Map<string, Map<number, number>>();

	/** @param version ms since 1970 of the change that made it. */
	of(id: string, version: number, bytes: number): number {
		const known = this.#sizes.get(id) ?? new Map<number, number>();
		this.#sizes.set(id, known);
		const before = known.get(version);
		if (before !== undefined) return before;
		const taken = new Set(known.values());
		let size = bytes;
		while (taken.has(size)) size += 1;
		known.set(version, size);
		return size;
	}

	forget(id: string): void {
		this.#sizes.delete(id);
	}
}
