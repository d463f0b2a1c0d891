import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** Who works on something: `host:pid:opening`, so that others can tell whether it is still at it. */
export interface ProcessOwner {
	readonly id: string;
	/** ms a claim lasts where it cannot be told whether its process is still there. */
	readonly claimTime: number;
}

export function createProcessOwner(): ProcessOwner {
	return { id: `${hostname()}:${process.pid}:${randomUUID()}`, claimTime: 30 * 60_000 };
}

/** Whether the process of an owner may still be at work; those of other machines may. */
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
