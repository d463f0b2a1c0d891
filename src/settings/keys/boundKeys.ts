import { type Endpoints, httpOnly, originsOf } from "../../config/endpoints.ts";

/** Variables that hold API keys. Each key is bound to the origin it was entered for: no other host ever gets it. */
export const keyVariables = ["LLM_API_KEY", "EMBEDDING_API_KEY"] as const;
export type KeyVariable = (typeof keyVariables)[number];

/** Where a key may be needed. */
export interface KeySlot {
	readonly variable: KeyVariable;
	/** Of the endpoint: scheme, host and port; of one with several servers, all of theirs (see `boundOrigin`). */
	readonly origin: string;
}

/** A key and its slot. An empty key means that the server needs none, which is not the same as not knowing it. */
export interface BoundKey extends KeySlot {
	readonly key: string;
}

/** Stored in place of a key for a server that needs none; no key contains spaces. */
const noKey = "(this server needs no key)";

/** The name of a slot's key in the secret storage. */
export function secretName({ variable, origin }: KeySlot): string {
	return `${variable} ${origin}`;
}

export function slotOfSecret(name: string): KeySlot | undefined {
	const [variable, origin, ...rest] = name.split(" ");
	const known = keyVariables.find((each) => each === variable);
	return known && origin && rest.length === 0 ? { variable: known, origin } : undefined;
}

export function toSecret(key: string): string {
	return key === "" ? noKey : key;
}

export function fromSecret(stored: string | undefined): string | undefined {
	return stored === noKey ? "" : stored;
}

/** The slots of the endpoints that may need a key. */
export function keySlots(endpoints: Endpoints | undefined): KeySlot[] {
	const roles = { LLM_API_KEY: httpOnly(endpoints?.llm), EMBEDDING_API_KEY: endpoints?.embedding };
	return keyVariables.flatMap((variable) => {
		const endpoint = roles[variable];
		return endpoint ? [{ variable, origin: originsOf(endpoint) }] : [];
	});
}

export function slotOf<T extends KeySlot>(slots: readonly T[], name: KeyVariable): T | undefined {
	return slots.find(({ variable }) => variable === name);
}

export function sameSlot(a: KeySlot, b: KeySlot): boolean {
	return a.variable === b.variable && a.origin === b.origin;
}

/** What a key is bound to, for people. */
export function hostsOf({ origin }: Pick<KeySlot, "origin">): string {
	return origin.replaceAll(",", " and ");
}
