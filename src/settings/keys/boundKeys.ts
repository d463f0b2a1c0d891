import type { EffectiveEndpoints } from "../../config/endpoints.ts";
import { originOf } from "../../config/endpoints.ts";
import { isPrivateHost } from "../../config/urls.ts";

/** Variables that hold API keys. Each is kept for the origin it was entered for, so that another host never gets it. */
export const keyVariables = ["LLM_API_KEY", "EMBEDDING_API_KEY"] as const;
export type KeyVariable = (typeof keyVariables)[number];

/** A place for a key: what is configured may need one here. */
export interface KeySlot {
	readonly variable: KeyVariable;
	/** Of the endpoint: scheme, host and port. */
	readonly origin: string;
}

/** A key that belongs to its slot; empty: the server needs none, which is another thing than not knowing one. */
export interface BoundKey extends KeySlot {
	readonly key: string;
}

/** Kept in place of a key for a server that needs none; no key holds spaces. */
const noKey = "(this server needs no key)";

/** What a secret is called in the secret storage. */
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

/** Where the configured endpoints may need a key. */
export function keySlots({ llm, embedding }: Pick<EffectiveEndpoints, "llm" | "embedding">): KeySlot[] {
	return [
		...(llm && llm.provider !== "vscode"
			? [{ variable: "LLM_API_KEY" as const, origin: originOf(llm.baseUrl) }]
			: []),
		...(embedding ? [{ variable: "EMBEDDING_API_KEY" as const, origin: originOf(embedding.baseUrl) }] : []),
	];
}

export function sameSlot(a: KeySlot, b: KeySlot): boolean {
	return a.variable === b.variable && a.origin === b.origin;
}

/** Whether what is sent to an origin can be read on its way by others than its owner. */
export function isReadableOnTheWay(origin: string): boolean {
	const { protocol, hostname } = new URL(origin);
	return protocol === "http:" && !isPrivateHost(hostname);
}

/** Why a text cannot be a key, in a sentence. */
export function keyProblem(text: string): string | undefined {
	return /^[\x21-\x7e]+$/.test(text.trim())
		? undefined
		: "A key has printable ASCII characters and no spaces.";
}
