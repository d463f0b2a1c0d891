import { checkedMetadata, checkedText } from "../input.ts";
import type { SecretGuard } from "../secrets/secretGuard.ts";

interface Sent {
	readonly text?: unknown;
	readonly metadata?: unknown;
}

/**
 * What is sent to a team's server, by what this machine allows: no secret leaves it that its own settings would not let
 * into a memory. The server has a policy of its own for what arrives.
 * @throws InputError
 */
export async function guarded<T extends Sent>(
	guard: SecretGuard,
	request: T,
	asks = true,
): Promise<{ readonly value: T; readonly note?: string }> {
	const text = typeof request.text === "string" ? checkedText(request.text) : undefined;
	const metadata = checkedMetadata(request.metadata);
	const given = { ...(text === undefined ? {} : { text }), ...(metadata ? { metadata } : {}) };
	const { value, note } = await guard.memory(given, asks);
	return { value: { ...request, ...value }, ...(note === undefined ? {} : { note }) };
}

/** A result with what whoever asked is told besides. */
export function withNote<T extends { readonly note?: string }>(result: T, note: string | undefined): T {
	const notes = [result.note, note].filter((each) => each !== undefined);
	return notes.length === 0 ? result : { ...result, note: notes.join(" ") };
}
