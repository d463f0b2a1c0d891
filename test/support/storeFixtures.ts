import assert from "node:assert/strict";
import { StoreError } from "../../src/store/errors.ts";
import type { Draft, Filter } from "../../src/store/memoryStore.ts";

export const everything: Filter = { userId: "ada", global: true, projects: "all" };

export function draft(text: string, more: Partial<Draft> = {}): Draft {
	return { text, userId: "ada", scope: "global", createdAt: Date.now(), ...more };
}

/** Checks that a StoreError of a kind was thrown, and what it says. */
export function failure(kind: StoreError["kind"], ...says: RegExp[]) {
	return (error: unknown) => {
		assert.ok(error instanceof StoreError);
		assert.equal(error.kind, kind);
		for (const pattern of says) assert.match(error.message, pattern);
		return true;
	};
}
