import { ConfigError } from "../config/remarks.ts";
import { EmbedderError } from "../endpoints/embedder.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import { StoreError } from "../store/errors.ts";
import { InputError } from "./errors.ts";

/** The message for the person or agent who made the request. Our own errors already carry one. */
export function errorText(error: unknown): string {
	const own = [InputError, StoreError, EmbedderError, EndpointError, ConfigError].some(
		(kind) => error instanceof kind,
	);
	if (own) return (error as Error).message;
	const detail = error instanceof Error ? error.message : String(error);
	return `MCP Mem0 failed with an unexpected error: ${detail.replace(/\.$/, "")}. Nothing that was reported as saved is lost. See the log, and report the error if it comes back.`;
}
