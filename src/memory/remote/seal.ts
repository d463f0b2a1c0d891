import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { InputError } from "../errors.ts";

/** What was done, as whoever did it got it: they send it back to have it undone. */
export type Sealed<T> = T & { readonly seal: string };

type Kind = "change" | "decision";

/**
 * Marks what this process has told a user that it did. To undo means to write what was there before, without the checks
 * that a change goes through: so nobody can undo what was not done.
 */
export class Seals {
	readonly #key = randomBytes(32);

	/** @param kind of what was done: what undoes another kind takes other fields. */
	seal<T extends object>(kind: Kind, userId: string, done: readonly T[]): readonly Sealed<T>[] {
		return done.map((each) => ({ ...each, seal: this.#sealOf(kind, userId, each) }));
	}

	/** @throws InputError */
	open<T extends object>(kind: Kind, userId: string, sealed: readonly unknown[]): readonly T[] {
		return sealed.map((each) => {
			const { seal, ...done } = (each ?? {}) as Partial<Sealed<object>>;
			const wanted = Buffer.from(isTooDeep(done) ? "" : this.#sealOf(kind, userId, done));
			const given = Buffer.from(typeof seal === "string" ? seal : "");
			if (wanted.length === 0 || given.length !== wanted.length || !timingSafeEqual(given, wanted))
				throw new InputError(
					"undo",
					"The team's server cannot undo this any more, as it was restarted since. The history of each memory has what it said before.",
				);
			return done as T;
		});
	}

	#sealOf(kind: Kind, userId: string, done: object): string {
		const text = JSON.stringify([kind, userId, inOrder(JSON.parse(JSON.stringify(done)))]);
		return createHmac("sha256", this.#key).update(text).digest("base64url");
	}
}

/** Deeper than any memory is, whose metadata has 20 levels: so deep that it would not fit on the stack. */
function isTooDeep(value: unknown, levels = 100): boolean {
	if (typeof value !== "object" || value === null) return false;
	return levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1));
}

/** The same value for JSON that has its fields in another order. */
function inOrder(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(inOrder);
	if (typeof value !== "object" || value === null) return value;
	return Object.entries(value)
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([name, part]) => [name, inOrder(part)]);
}
