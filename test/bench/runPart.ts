import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./figure.ts";

const entry = fileURLToPath(new URL("partProcess.ts", import.meta.url));

/** Runs a part in a process of its own: a heap and a compiler that no other part has used, and a crash ends nothing else. */
export function runPart(part: string): Promise<Outcome> {
	return new Promise((resolve) => {
		const child = fork(entry, [part], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
		let outcome: Outcome | undefined;
		child.on("message", (message) => {
			outcome = message as Outcome;
		});
		child.once("error", (error) => resolve({ part, crashed: error.message }));
		child.once("close", (code, signal) =>
			resolve(outcome ?? { part, crashed: `Its process ended with ${signal ?? code}.` }),
		);
	});
}
