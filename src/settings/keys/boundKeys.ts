import { type Endpoints, httpOnly, originsOf } from "../../config/endpoints.ts";
import { originOf } from "../../config/urls.ts";

/**
 * Variables that hold keys: of model endpoints, and the token of a team's server. Each key is bound to the origin it was
 * entered for: no other host ever gets it.
 */
export const keyVariables = ["LLM_API_KEY", "EMBEDDING_API_KEY", "TEAM_SERVER_TOKEN"] as const;
export type KeyVariable = (typeof keyVariables)[number];

/** The servers that a configuration names, as far as it is known. */
export interface KnownServers extends Endpoints {
	readonly teamServer?: { readonly url: string } | undefined;
}

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

/** The slots of the servers that may need a key. */
export function keySlots({ llm, embedding, teamServer }: Partial<KnownServers> = {}): KeySlot[] {
	const chat = httpOnly(llm);
	const origins = {
		LLM_API_KEY: chat && originsOf(chat),
		EMBEDDING_API_KEY: embedding && originsOf(embedding),
		TEAM_SERVER_TOKEN: teamServer && originOf(teamServer.url),
	};
	return keyVariables.flatMap((variable) => {
		const origin = origins[variable];
		return origin === undefined ? [] : [{ variable, origin }];
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
