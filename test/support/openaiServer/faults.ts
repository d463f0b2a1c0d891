import type { Quirks } from "./quirks.ts";
import { type Answer, bare, json, type Role, text } from "./types.ts";

/** Ways of going wrong, of any server. */
export type Fault =
	/** The connection is destroyed as soon as the request's headers are there. */
	| { readonly kind: "refuse" }
	/** No answer, ever. */
	| { readonly kind: "hang" }
	/** Headers and half the body, then the connection is destroyed. */
	| { readonly kind: "reset" }
	/** Headers and half the body, then nothing more. */
	| { readonly kind: "stall" }
	/** The body arrives in small pieces over `over` ms. */
	| { readonly kind: "trickle"; readonly over: number }
	/** Default body: the family's own error; a string is sent as it is, anything else as JSON. */
	| {
			readonly kind: "status";
			readonly status: number;
			readonly body?: unknown;
			readonly headers?: Readonly<Record<string, string>>;
	  }
	/** 429; `retryAfter` in seconds, no header without it. */
	| { readonly kind: "rateLimit"; readonly retryAfter?: number }
	/** A proxy's page with status 200. */
	| { readonly kind: "html" }
	/** OpenRouter's way of passing on a provider's failure: status 200 and an `error` object. */
	| { readonly kind: "errorIn200" }
	| { readonly kind: "unauthorizedText" }
	| { readonly kind: "unauthorizedEmpty" }
	/** llama.cpp's 503. */
	| { readonly kind: "loading" }
	/** OpenRouter's 402. */
	| { readonly kind: "credits" }
	/** Chat: `finish_reason: "length"` and content that ends within its JSON. Else the body ends early, and its Content-Length is right. */
	| { readonly kind: "truncated" }
	| { readonly kind: ChatFault }
	/** llama.cpp's 400 for a model without pooling. */
	| { readonly kind: "poolingNone" }
	| { readonly kind: "zeros" | "fewer" | "shuffled" }
	/** The vectors of a batch are swapped, and the indexes do not show it. */
	| { readonly kind: "swapped" }
	/** Base64 of something other than 32-bit numbers. */
	| { readonly kind: "garbled" }
	/** Every text has the same vector; the same text has another vector each time. */
	| { readonly kind: "sameVector" | "unsteady" }
	/** Written as `null`, as most JSON libraries do, or as the bare word, as Python's does. */
	| { readonly kind: "nan"; readonly written?: "null" | "NaN" }
	| { readonly kind: "width"; readonly dimensions: number };

/** A sentence instead of JSON; ""; no facts; a think block before the JSON; JSON in a code fence. */
type ChatFault = "prose" | "empty" | "noFacts" | "think" | "fences";

export interface FaultScope {
	/** Default: every request that can go wrong this way. */
	readonly role?: "chat" | "embeddings";
	/** How many of the following requests; default: all until `mend()`. */
	readonly times?: number;
}

type Place = Role | "other";

const places: readonly Place[] = ["chat", "embeddings", "models", "other"];

const only: Readonly<Partial<Record<Fault["kind"], Place>>> = {
	prose: "chat",
	empty: "chat",
	noFacts: "chat",
	think: "chat",
	fences: "chat",
	poolingNone: "embeddings",
	zeros: "embeddings",
	fewer: "embeddings",
	shuffled: "embeddings",
	swapped: "embeddings",
	garbled: "embeddings",
	sameVector: "embeddings",
	unsteady: "embeddings",
	nan: "embeddings",
	width: "embeddings",
};

/** The faults that are set: counted ones come first, in order; then the last one without a count. */
export class Faults {
	readonly #counted: { readonly fault: Fault; readonly places: readonly Place[]; left: number }[] = [];
	readonly #standing = new Map<Place, Fault>();

	set(fault: Fault, { role, times }: FaultScope = {}): void {
		const possible = places.filter((place) => (only[fault.kind] ?? place) === place);
		const wanted = possible.filter((place) => (role ?? place) === place);
		if (wanted.length === 0) throw new Error(`The fault "${fault.kind}" does not befall ${role}.`);
		if (times !== undefined) this.#counted.push({ fault, places: wanted, left: times });
		else for (const place of wanted) this.#standing.set(place, fault);
	}

	mend(): void {
		this.#counted.length = 0;
		this.#standing.clear();
	}

	/** The fault for the request that has just arrived. */
	next(role: Role | undefined): Fault | undefined {
		const place = role ?? "other";
		const counted = this.#counted.find((entry) => entry.left > 0 && entry.places.includes(place));
		if (!counted) return this.#standing.get(place);
		counted.left -= 1;
		return counted.fault;
	}
}

/** The answer that a fault puts in place of the server's own, if any. */
export function answerOfFault(fault: Fault | undefined, quirks: Quirks): Answer | undefined {
	switch (fault?.kind) {
		case "status": {
			const { status, body, headers } = fault;
			if (body === undefined)
				return withHeaders(
					quirks.error(status, "The server had an error while processing your request."),
					headers,
				);
			return typeof body === "string" ? text(status, body, headers) : json(status, body, headers);
		}
		case "rateLimit":
			return withHeaders(
				quirks.error(429, "Rate limit reached for requests. Please try again later."),
				fault.retryAfter === undefined ? {} : { "Retry-After": String(fault.retryAfter) },
			);
		case "html":
			return text(
				200,
				"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>\n",
			);
		case "errorIn200":
			return json(200, {
				error: { message: "Provider returned error", code: 502, metadata: { provider_name: "Test" } },
				user_id: "user_test",
			});
		case "unauthorizedText":
			return text(401, "Unauthorized");
		case "unauthorizedEmpty":
			return bare(401);
		case "loading":
			return json(503, { error: { message: "Loading model", type: "unavailable_error", code: 503 } });
		case "credits":
			return json(402, {
				error: {
					message: "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
					code: 402,
				},
			});
		case "poolingNone":
			return json(400, {
				error: {
					code: 400,
					message: "Pooling type 'none' is not OAI compatible. Please use a different pooling type",
					type: "invalid_request_error",
				},
			});
	}
	return undefined;
}

function withHeaders(answer: Answer, headers: Readonly<Record<string, string>> = {}): Answer {
	return { ...answer, headers: { ...answer.headers, ...headers } };
}
