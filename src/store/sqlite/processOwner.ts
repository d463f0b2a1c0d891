import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** How long, in ms, a claim lasts when others cannot check whether its process still runs. */
export const claimTime = 30 * 60_000;

/** This process as the owner of claims and leases: `host:pid:random`, so that others can check whether it still runs. */
export function newProcessOwner(): string {
	return `${hostname()}:${process.pid}:${randomUUID()}`;
}

/** Whether the owner's process may still run; on another machine, it always may. */
export function isRunning(owner: string): boolean {
	const parts = /^(.*?):(\d+)(?::[^:]*)?$/.exec(owner);
	if (!parts || parts[1] !== hostname()) return true;
	try {
		process.kill(Number(parts[2]), 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
