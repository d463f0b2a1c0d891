import { ConfigError } from "../config/remarks.ts";
import { EmbedderError } from "../endpoints/embedder.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import { StoreError } from "../store/errors.ts";
import { InputError } from "./errors.ts";

/** An error in words for the person or agent who asked. Our own errors are worded where they happen. */
export function errorText(error: unknown): string {
	const known = [InputError, StoreError, EmbedderError, EndpointError, ConfigError].some(
		(kind) => error instanceof kind,
	);
	if (known) return (error as Error).message;
	const said = error instanceof Error ? error.message : String(error);
	return `MCP Mem0 met an error it did not expect: ${said.replace(/\.$/, "")}. Nothing that was answered as saved is lost. See the log, and report it if it stays.`;
}
