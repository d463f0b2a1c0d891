import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EmbeddingSpace, TextVector } from "../../vectors/embeddingSpace.ts";
import type { Calibration } from "../calibration.ts";
import type { ChatAnswer, ChatMessages, ChatOptions } from "../chatModel.ts";
import { EndpointError, type EndpointErrorFields, type EndpointErrorKind } from "../endpointError.ts";

// A process that has a key asks models for processes of the same user that have none. They talk HTTP over a socket that
// only the user can reach; a file beside the database names the socket, with a secret that is new at each start.

/** What a lender writes beside the database, as `lender-PID.json`. */
export interface LenderFile {
	readonly socket: string;
	readonly secret: string;
}

export const lenderFilePattern = /^lender-\d+\.json$/;

export function lenderFile(folder: string): string {
	return join(folder, `lender-${process.pid}.json`);
}

/** Longest path, in bytes, that every Unix takes for a socket. */
const longestSocketPath = 100;

export function socketPath(folder: string, name: string): string {
	if (process.platform === "win32") return `\\\\.\\pipe\\mcp-mem0-${name}`;
	const path = join(folder, `lender-${name}.sock`);
	return Buffer.byteLength(path) <= longestSocketPath ? path : join(tmpdir(), `mcp-mem0-${name}.sock`);
}

/** Bytes of a request or an answer. */
export const longestMessage = 64_000_000;

/** Whose password of which database is asked for. */
export interface PasswordRequest {
	readonly host: string;
	readonly port: number;
	readonly user: string;
}

/** The server, as in `URL.origin`, for which a token is asked. */
export interface TokenRequest {
	readonly origin: string;
}

/** What a process may be asked for that has it, by the path of the request, which is its name in the answer. */
export interface SecretRequests {
	readonly password: PasswordRequest;
	readonly token: TokenRequest;
}

export interface EmbedRequest {
	/** Names the model that is meant, for people, too; another one must not get the texts. */
	readonly model: string;
	readonly texts: readonly string[];
	readonly purpose?: "query" | "document";
}

export interface EmbedAnswer {
	/** Little-endian floats in base64; null for a text that the model cannot read. */
	readonly vectors: readonly (string | null)[];
	readonly space: EmbeddingSpace | undefined;
	readonly calibration: Calibration | undefined;
	readonly remark?: string | undefined;
	/** The texts on which the model failed, by their places, though it works. */
	readonly notEmbedded: readonly (readonly [place: number, error: Failed])[];
}

export interface ChatRequest {
	/** As in `EmbedRequest`; absent: whatever model the lender has. */
	readonly model?: string;
	readonly messages: ChatMessages;
	readonly options: Pick<ChatOptions, "maxTokens" | "schema" | "unattended">;
}

export type { ChatAnswer };

/** The lender has another model by now, or none. */
export interface NotLent {
	readonly notLent: true;
}

export interface Failed {
	readonly failed: Pick<
		EndpointErrorFields,
		"role" | "url" | "status" | "serverMessage" | "vectorFault" | "limit" | "retryAfter"
	> & {
		readonly kind: EndpointErrorKind;
		readonly message: string;
	};
}

export function failedWith(error: unknown, role: EndpointErrorFields["role"]): Failed {
	const message = error instanceof Error ? error.message : String(error);
	if (!(error instanceof EndpointError)) return { failed: { kind: "rejected", message, role, url: "" } };
	const { kind, url, status, serverMessage, vectorFault, limit, retryAfter } = error;
	return { failed: { kind, message, role, url, status, serverMessage, vectorFault, limit, retryAfter } };
}

/** The error that the lender met. */
export function errorOf({ failed: { kind, message, ...fields } }: Failed): EndpointError {
	return Object.assign(new EndpointError(kind, "", "", fields), { message });
}

export function toText(vector: TextVector): string {
	return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}

export function toVector(text: string): Float32Array {
	const bytes = Buffer.from(text, "base64");
	return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
