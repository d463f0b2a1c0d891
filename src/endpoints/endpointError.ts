import type { EndpointRole } from "../config/endpoints.ts";

/**
 * - `unreachable`: no connection: unknown host, refused, TLS.
 * - `connection-lost`: the connection broke before the answer was complete.
 * - `timeout`: no answer in time.
 * - `unauthorized`: the key is missing or refused.
 * - `payment`: credits or quota are used up.
 * - `model-not-found`, `not-found`: the model; the path.
 * - `rate-limited`, `loading`, `server-error`: later may do.
 * - `too-large`: the text is longer than the model can take; `limit` in tokens where the server said.
 * - `answer-too-long`: more tokens were asked for than an answer may have; `limit` where the server said.
 * - `batch-too-large`: too many texts in one request; `limit` where the server said.
 * - `unsupported`: a parameter was refused; see `parameter`.
 * - `rejected`: any other 4xx.
 * - `no-api`: what came is not what the API promises, whatever is sent: HTML, no JSON, nothing.
 * - `bad-answer`: what the model said cannot be used: prose for JSON, nothing.
 * - `bad-vectors`: vectors that must not be stored: zero, NaN, too few, of different widths.
 * - `dimensions`: vectors of another width than configured.
 * - `unavailable`: VS Code or the MCP client offers no model.
 */
export type EndpointErrorKind =
	| "unreachable"
	| "connection-lost"
	| "timeout"
	| "unauthorized"
	| "payment"
	| "model-not-found"
	| "not-found"
	| "rate-limited"
	| "loading"
	| "server-error"
	| "too-large"
	| "answer-too-long"
	| "batch-too-large"
	| "unsupported"
	| "rejected"
	| "no-api"
	| "bad-answer"
	| "bad-vectors"
	| "dimensions"
	| "unavailable";

/** Parameters that servers refuse and requests can do without. */
export type RefusedParameter = "max_tokens" | "temperature" | "response_format" | "dimensions";

export interface EndpointErrorFields {
	readonly role: EndpointRole;
	/** Of the request; empty where there is none. */
	readonly url: string;
	readonly status?: number | undefined;
	/** The server's own words, without secrets. */
	readonly said?: string | undefined;
	readonly parameter?: RefusedParameter | undefined;
	readonly limit?: number | undefined;
	/** ms the server asked to wait. */
	readonly retryAfter?: number | undefined;
	readonly cause?: unknown;
}

/** A model endpoint did not do what was asked. The message says what failed, where, the server's words, and what to do. */
export class EndpointError extends Error {
	override readonly name = "EndpointError";
	readonly kind: EndpointErrorKind;
	readonly role: EndpointRole;
	readonly url: string;
	readonly status: number | undefined;
	readonly said: string | undefined;
	readonly parameter: RefusedParameter | undefined;
	readonly limit: number | undefined;
	readonly retryAfter: number | undefined;

	constructor(kind: EndpointErrorKind, what: string, advice: string, fields: EndpointErrorFields) {
		const { role, url, status, said } = fields;
		const subject = role === "chat" ? "The language model" : "The embedding model";
		const place = url === "" ? subject : `${subject} at ${url}`;
		const code = status === undefined ? "" : ` (HTTP ${status})`;
		const words = said ? ` It said: “${said}”.` : "";
		super(`${place} ${what}${code}.${words}${advice ? ` ${advice}` : ""}`, { cause: fields.cause });
		this.kind = kind;
		this.role = role;
		this.url = url;
		this.status = status;
		this.said = said;
		this.parameter = fields.parameter;
		this.limit = fields.limit;
		this.retryAfter = fields.retryAfter;
	}

	/** Whether the same request may well succeed a little later. */
	get transient(): boolean {
		return (
			["connection-lost", "rate-limited", "loading", "server-error"].includes(this.kind) ||
			// The server's own, or a proxy's; ours has no status, and has been waited for long enough.
			(this.kind === "timeout" && this.status !== undefined)
		);
	}

	/** Whether another text would have met the same error: it is about the endpoint, not about what was sent. */
	get concernsEndpoint(): boolean {
		return !["too-large", "bad-answer", "bad-vectors", "rejected"].includes(this.kind);
	}
}
