import { StoreError } from "../errors.ts";
import { isTlsRefused } from "./errors.ts";
import type { PostgresSettings } from "./settings.ts";

/** `sslmode=prefer`: without TLS, where the server has none. */
export async function preferringTls<T>(
	settings: PostgresSettings,
	open: (settings: PostgresSettings) => Promise<T>,
): Promise<T> {
	try {
		return await open(settings);
	} catch (error) {
		const isPlain = error instanceof StoreError && isTlsRefused(error.cause);
		if (settings.tls !== "prefer" || !isPlain) throw error;
		return open({ ...settings, tls: "disable" });
	}
}
