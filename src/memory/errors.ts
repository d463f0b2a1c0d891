/** An invalid request. The message says what is wrong and what to do instead. */
export class InputError extends Error {
	override readonly name = "InputError";
	/** The invalid argument. */
	readonly field: string;

	constructor(field: string, message: string) {
		super(message);
		this.field = field;
	}
}

export function unknownMemory(id: string): InputError {
	return new InputError(
		"id",
		`No memory has the id ${JSON.stringify(id.slice(0, 100))}. It may have been deleted. Take an id from search_memories or get_all_memories.`,
	);
}
