/**
 * The rows that a key is about, as in VS Code's Explorer: the one with the focus, or all that are selected if it is one of
 * them. VS Code tells extensions what is selected, and not what has the focus; toggling the selection there and back does.
 * @param toggle selects the row with the focus, or no longer.
 * @returns undefined if no row has the focus.
 */
export async function rowsUnderKeys<T extends { readonly id: string }>(
	toggle: () => PromiseLike<unknown>,
	selection: () => readonly T[],
): Promise<readonly T[] | undefined> {
	await toggle();
	const toggled = selection();
	await toggle();
	const selected = selection();
	const isSelected = ({ id }: T) => selected.some((each) => each.id === id);
	if (selected.length > toggled.length) return selected;
	const focused = toggled.filter((row) => !isSelected(row));
	return focused.length === 1 ? focused : undefined;
}

/** Finds them for one key after the other: each toggles what the other looks at. */
export function inTurn<T>(work: () => Promise<T>): () => Promise<T> {
	let last: Promise<unknown> = Promise.resolve();
	return () => {
		const mine = last.then(work);
		last = mine.catch(() => undefined);
		return mine;
	};
}
