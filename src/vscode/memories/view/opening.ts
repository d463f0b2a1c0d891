/** Two clicks within so many ms are a double click, as in VS Code's own lists on a machine that is not fast. */
const doubleClick = 500;
/** ms within which VS Code opens the row on which Enter was pressed. */
const opensWithin = 1000;

/**
 * Tells how a person opens a row, as VS Code's Explorer does: a click shows the document and leaves the focus in the tree,
 * a double click or Enter goes to the document. VS Code does not tell a row's command which it was.
 */
export class Opening {
	#entered = Number.NEGATIVE_INFINITY;
	#last: { readonly id: string; readonly at: number } | undefined;

	/** Enter was pressed: the row that opens next is meant. */
	enter(now: number): void {
		this.#entered = now;
	}

	/** A row is opened. @returns whether the person goes to the document. */
	goesThere(id: string, now: number): boolean {
		const isEntered = now - this.#entered < opensWithin;
		const isAgain = this.#last?.id === id && now - this.#last.at < doubleClick;
		this.#entered = Number.NEGATIVE_INFINITY;
		this.#last = { id, at: now };
		return isEntered || isAgain;
	}
}
