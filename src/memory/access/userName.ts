import { InvalidValueError } from "../errors.ts";

/** What people and their provider call them: `ada`, `ada@example.com`, `auth0|5f7c`. */
const form = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+|:/=-]{0,127}$/u;

/** Whether a text can be the name of a user, and so the user id of memories. */
export function isUserName(text: string): boolean {
	return form.test(text) && text === text.normalize("NFC");
}

/** @throws InvalidValueError */
export function checkedUserName(text: string): string {
	const name = text.normalize("NFC");
	if (isUserName(name)) return name;
	throw new InvalidValueError(
		"NAME",
		JSON.stringify(name.slice(0, 100)),
		"1 to 128 letters, digits and . _ @ + | : / = -, beginning with a letter or digit, such as ada or ada@example.com",
	);
}
