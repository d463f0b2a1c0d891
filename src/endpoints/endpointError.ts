import type { EndpointRole } from "../config/endpoints.ts";

/**
 * - `unreachable`: no connection: unknown host, refused, TLS.
 * - `proxy`: the proxy before the server does not answer, or refuses.
 * - `connection-lost`: the connection broke before the answer was complete.
 * - `timeout`: no answer in time.
 * - `unauthorized`: the key is missing or refused.
 * - `payment`: credits or quota are used up.
 * - `model-not-found`, `not-found`: the model; the path.
 * - `rate-limited`, `loading`, `server-error`: a later request may succeed.
 * - `too-large`: the text is longer than the model can take; `limit` in tokens, if the server told it.
 * - `answer-too-long`: the request allows a longer answer than the model does; `limit` in tokens, if the server told it.
 * - `batch-too-large`: too many texts in one request; `limit` in texts, if the server told it.
 * - `unsupported`: the server refused a parameter; see `parameter`.
 * - `rejected`: any other 4xx.
 * - `no-api`: the answer breaks the API's contract whatever is sent: HTML, no JSON, nothing.
 * - `bad-answer`: the model's answer is useless: prose instead of JSON, nothing.
 * - `bad-vectors`: vectors that must not be stored: zero, NaN, too few, of different widths.
 * - `other-vectors`: they do not agree with those of the other servers of the model.
 * - `dimensions`: the vectors have another width than configured.
 * - `unavailable`: VS Code or the MCP client offers no model.
 */
export type EndpointErrorKind =
	| "unreachable"
	| "proxy"
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
	| "other-vectors"
	| "dimensions"
	| "unavailable";

/** What some servers refuse, and requests can do without; see openai/requestForms.ts. */
export type RefusedParameter =
	| "max_tokens"
	| "temperature"
	| "response_format"
	| "dimensions"
	| "encoding_format"
	/** A message of the role `system`. */
	| "system"
	/** An answer in one piece. */
	| "stream"
	| "thinking";

/** What is wrong with vectors. */
export type VectorFault = "missing" | "zeros" | "nan" | "shape";

export interface EndpointErrorFields {
	readonly role: EndpointRole;
	/** The request's; empty if there was none. */
	readonly url: string;
	/** What the user wrote, where that is not how the URL begins. */
	readonly written?: string | undefined;
	readonly status?: number | undefined;
	/** Without secrets and the user's texts. */
	readonly serverMessage?: string | undefined;
	readonly parameter?: RefusedParameter | undefined;
	readonly vectorFault?: VectorFault | undefined;
	readonly limit?: number | undefined;
	/** ms the server asked to wait. */
	readonly retryAfter?: number | undefined;
	readonly cause?: unknown;
}

/** A request to a model endpoint failed. The message says what failed, where, what the server said, and what to do. */
export class EndpointError extends Error {
	override readonly name = "EndpointError";
	readonly kind: EndpointErrorKind;
	/** What the model or its server did, to follow its name. */
	readonly what: string;
	readonly role: EndpointRole;
	readonly url: string;
	readonly status: number | undefined;
	readonly serverMessage: string | undefined;
	readonly parameter: RefusedParameter | undefined;
	readonly vectorFault: VectorFault | undefined;
	readonly limit: number | undefined;
	readonly retryAfter: number | undefined;

	constructor(kind: EndpointErrorKind, what: string, advice: string, fields: EndpointErrorFields) {
		const { role, url, written, status, serverMessage } = fields;
		const subject = role === "chat" ? "The language model" : "The embedding model";
		const place = url === "" ? subject : `${subject} at ${url}${written ? ` (${written})` : ""}`;
		const code = status === undefined ? "" : ` (HTTP ${status})`;
		const quote = serverMessage ? ` It said: “${serverMessage}”.` : "";
		super(`${place} ${what}${code}.${quote}${advice ? ` ${advice}` : ""}`, { cause: fields.cause });
		this.kind = kind;
		this.what = what;
		this.role = role;
		this.url = url;
		this.status = status;
		this.serverMessage = serverMessage;
		this.parameter = fields.parameter;
		this.vectorFault = fields.vectorFault;
		this.limit = fields.limit;
		this.retryAfter = fields.retryAfter;
	}

	/** Whether the same request may succeed a little later. */
	get transient(): boolean {
		return (
			["connection-lost", "rate-limited", "loading", "server-error"].includes(this.kind) ||
			// A timeout of the server or a proxy. Ours has no status, and people have waited long enough for it.
			(this.kind === "timeout" && this.status !== undefined) ||
			(this.kind === "proxy" && this.status !== undefined && this.status >= 500)
		);
	}

	/** Whether another text would fail in the same way: the error is about the endpoint, not about the text. */
	get concernsEndpoint(): boolean {
		return !["too-large", "bad-answer", "bad-vectors", "rejected"].includes(this.kind);
	}
}
