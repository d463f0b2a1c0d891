import type { LogLevel } from "./config.ts";
import type { Redact } from "./redact.ts";

/** The log of every room. Texts of memories and secrets are never logged. */
export interface Log {
	debug(message: string): void;
	info(message: string): void;
	warn(message: string): void;
	error(message: string): void;
}

const order: Readonly<Record<LogLevel, number>> = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3 };

/** A log that passes lines of `level` and above to `write`, without secrets. */
export function createLog(
	level: LogLevel,
	redact: Redact,
	write: (level: LogLevel, message: string) => void,
): Log {
	const at = (own: LogLevel) => (message: string) => {
		if (order[own] >= order[level]) write(own, redact(message));
	};
	return { debug: at("DEBUG"), info: at("INFO"), warn: at("WARNING"), error: at("ERROR") };
}

/** For callers without a log, mostly tests. */
const ignore = () => undefined;
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
