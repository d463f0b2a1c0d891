import { createHash, timingSafeEqual } from "node:crypto";
import type { Actor } from "../../../memory/access/actor.ts";
import type { Refusal } from "../admission.ts";

/** Who makes a request. */
export interface Caller {
	/** Absent: whoever has the server's own token. */
	readonly actor?: Actor;
	/** Whether the memory is open to them. */
	readonly memory: boolean;
	/** Whether the metrics are. */
	readonly metrics: boolean;
	/** ms since 1970 at which their token expires. */
	readonly expiresAt?: number;
	/** Of a token that can be revoked. */
	readonly tokenHash?: string;
}

export type Admission = { readonly caller: Caller } | { readonly refusal: Refusal };

/** How somebody stands who was let in before. `expired`: only until they show a newer token. */
export type Standing = "in" | "expired" | "out";

/** Decides who is let in. */
export interface Gate {
	/** @param token of the request; undefined if there is none. */
	admit(token: string | undefined): Promise<Admission>;
	standing(caller: Caller): Promise<Standing>;
}

/** The token of an Authorization header. */
export function bearerToken(header: string | undefined): string | undefined {
	return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
}

/** Compares hashes, as all have the same length, in constant time. */
export function isSame(given: string, expected: string): boolean {
	const hash = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(hash(given), hash(expected));
}

/** Whether two requests are of the same person, with the same rights. */
export function isSamePerson(one: Caller, other: Caller): boolean {
	return one.actor?.userId === other.actor?.userId && one.actor?.admin === other.actor?.admin;
}

/** What lets somebody in who has the server's own token, as it does where one person is served. */
export function ownToken(token: string): Gate {
	return {
		admit: async (given) =>
			given !== undefined && isSame(given, token)
				? { caller: { memory: true, metrics: true } }
				: {
						refusal: [
							401,
							-32000,
							"The bearer token is missing or wrong. Send the header «Authorization: Bearer TOKEN» with the token the server printed or AUTH_TOKEN.",
							{ "WWW-Authenticate": "Bearer" },
						],
					},
		standing: async () => "in",
	};
}
