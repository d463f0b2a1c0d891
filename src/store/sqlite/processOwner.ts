import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** A process as the owner of claims and leases. */
export interface ProcessOwner {
	/** `host:pid:random`, so that other processes can check whether it still runs. */
	readonly id: string;
	/** How long, in ms, a claim lasts when others cannot check whether its process still runs. */
	readonly claimTime: number;
}

export function createProcessOwner(): ProcessOwner {
	return { id: `${hostname()}:${process.pid}:${randomUUID()}`, claimTime: 30 * 60_000 };
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
