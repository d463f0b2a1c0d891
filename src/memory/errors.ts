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

/** An argument with a value that it does not take. */
export class InvalidValueError extends InputError {
	/** For people. */
	readonly value: string;
	/** Completes "it takes". */
	readonly accepted: string;

	constructor(field: string, value: string, accepted: string) {
		super(field, `${field}=${value} is not valid: it takes ${accepted}.`);
		this.value = value;
		this.accepted = accepted;
	}
}

/** A memory that is not there, or not any more. */
export class UnknownMemoryError extends InputError {
	constructor(id: string) {
		super(
			"id",
			`No memory has the id ${JSON.stringify(id.slice(0, 100))}. It may have been deleted. Searches and lists give the ids that there are.`,
		);
	}
}
