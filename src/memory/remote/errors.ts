import * as z from "zod";
import { ConflictError, StoreError, type StoreErrorKind, storeErrorKinds } from "../../store/errors.ts";
import type { Memory, StoredMemory } from "../../store/types.ts";
import { NotAllowedError } from "../access/sharing.ts";
import { InputError, InvalidValueError, UnknownMemoryError } from "../errors.ts";

/** An error of a memory, on its way from a team's server to whoever asked. */
export type SentError = { readonly message: string } & (
	| { readonly kind: "input"; readonly field: string }
	| { readonly kind: "value"; readonly field: string; readonly value: string; readonly accepted: string }
	| { readonly kind: "memory" }
	| { readonly kind: "rights"; readonly memory: Memory }
	| { readonly kind: "conflict"; readonly current: StoredMemory }
	| { readonly kind: "store"; readonly store: StoreErrorKind }
	| { readonly kind: "call" }
);

/** Undefined for an error that tells nothing to whoever asked: it is in the server's log. */
export function toSent(error: unknown): SentError | undefined {
	if (error instanceof ConflictError)
		return { kind: "conflict", message: error.message, current: error.current };
	// Its path is the server's own affair.
	if (error instanceof StoreError) return { kind: "store", message: error.message, store: error.kind };
	if (!(error instanceof InputError)) return undefined;
	const { message, field } = error;
	if (error instanceof NotAllowedError) return { kind: "rights", message, memory: error.memory };
	if (error instanceof UnknownMemoryError) return { kind: "memory", message };
	if (!(error instanceof InvalidValueError)) return { kind: "input", message, field };
	return { kind: "value", message, field, value: error.value, accepted: error.accepted };
}

const field = z.string();
const memory = z.looseObject({ id: z.string(), userId: z.string(), text: z.string() });
const Sent = z.discriminatedUnion("kind", [
	z.looseObject({ kind: z.literal("input"), field }),
	z.looseObject({ kind: z.literal("value"), field, value: z.string(), accepted: z.string() }),
	z.looseObject({ kind: z.literal("memory") }),
	z.looseObject({ kind: z.literal("rights"), memory }),
	z.looseObject({ kind: z.literal("conflict"), current: memory.extend({ updatedAt: z.number() }) }),
	z.looseObject({ kind: z.literal("store"), store: z.enum(storeErrorKinds) }),
	z.looseObject({ kind: z.literal("call") }),
]);

/** The same error again, in the words of the server; undefined for what is none. @param url of the server. */
export function fromSent(given: { readonly message: string }, url: string): Error | undefined {
	const parsed = Sent.safeParse(given);
	if (!parsed.success) return undefined;
	const sent = { ...parsed.data, message: given.message } as SentError;
	const { message } = sent;
	if (sent.kind === "conflict") return new ConflictError(sent.current);
	if (sent.kind === "input") return new InputError(sent.field, message);
	if (sent.kind === "value") return new InvalidValueError(sent.field, sent.value, sent.accepted);
	if (sent.kind === "memory") return Object.assign(new UnknownMemoryError(""), { message });
	if (sent.kind === "rights") return Object.assign(new NotAllowedError(sent.memory, "change"), { message });
	if (sent.kind === "store")
		return new StoreError(sent.store, url, `The team's server ${url} says: ${message}`);
	return new StoreError(
		"unsupported",
		url,
		`The team's server ${url} does not know this request: it runs another version of MCP Mem0. It says: ${message} Bring both to the same version.`,
	);
}
