import type { Environment } from "../config/variables.ts";
import { examine } from "../doctor/doctor.ts";
import { toText } from "../doctor/output/text.ts";
import { worstOf } from "../doctor/report.ts";
import { listTools } from "../mcp/selfCheck.ts";
import type { Bundles } from "../memory/openMemory.ts";

export interface DoctorContext {
	readonly env: Environment;
	readonly bundles: Bundles;
	readonly version: string;
}

/** Exit codes: 0 everything works, 1 with warnings, 2 with failures. */
const exitCodes = { ok: 0, warning: 1, failed: 2 } as const;

/** Examines configuration, endpoints and storage. Findings go to stdout; Ctrl-C shows what there is so far. */
export async function runDoctor({ env, bundles, version }: DoctorContext, json: boolean): Promise<number> {
	const stop = new AbortController();
	const cancel = () => stop.abort(new Error("cancelled"));
	process.once("SIGINT", cancel);
	try {
		const report = await examine({
			env,
			bundles,
			signal: stop.signal,
			mcp: (signal) => listTools(version, signal),
			onFinding: ({ title, status }) => {
				if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${title}: ${status}`);
			},
		});
		if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
		process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : toText(report));
		return exitCodes[worstOf(report.findings)];
	} finally {
		process.removeListener("SIGINT", cancel);
	}
}
