import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** How long, in ms, a claim lasts when others cannot check whether its process still runs. */
export const claimTime = 30 * 60_000;

/**
 * This process as the owner of claims and leases: `host:pid:start.random`. The start mark tells it from an earlier process
 * of the same number, which a restarted container of the same name gives to every process of it.
 */
export function newProcessOwner(): string {
	return `${hostname()}:${process.pid}:${startMark(process.pid)}.${randomUUID()}`;
}

/** Whether the owner's process may still run; on another machine, it always may. */
export function isRunning(owner: string): boolean {
	const parts = /^(.*?):(\d+)(?::(?:([^:.]*)\.)?[^:]*)?$/.exec(owner);
	if (!parts || parts[1] !== hostname()) return true;
	const pid = Number(parts[2]);
	try {
		process.kill(pid, 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
	}
	const now = startMark(pid);
	// An earlier version wrote no mark; then this process is not the owner's if they have the same number.
	if (parts[3] === undefined) return pid !== process.pid;
	return now === undefined || parts[3] === now;
}

/**
 * What a process of that number that started at another time would not have: on Linux the boot and the process's start
 * in ticks since then, elsewhere the start of this process. Undefined for other processes elsewhere.
 */
function startMark(pid: number): string | undefined {
	try {
		const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
		// The second field is the program's name in brackets, which may hold anything.
		const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ");
		return `${boot}-${fields?.[19]}`;
	} catch {
		// No `/proc` here, or not this process's to read.
		return pid === process.pid ? String(Math.round(performance.timeOrigin)) : undefined;
	}
}
