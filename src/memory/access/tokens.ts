import { createHash, randomBytes } from "node:crypto";

/** Tells our tokens from those of an identity provider, also to programs that look for leaked ones. */
const prefix = "mem0_";

/** A new token, which nobody guesses. */
export function newToken(): string {
	return prefix + randomBytes(32).toString("base64url");
}

/** Whether a text has the form of a token of ours. */
export function isToken(text: string): boolean {
	return /^mem0_[\w-]{43}$/.test(text);
}

/** What is kept of a token. It needs no salt: it is as long as what is guessed is random. */
export function hashOfToken(token: string): string {
	return createHash("sha256").update(token).digest("hex");
}
