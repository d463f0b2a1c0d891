import { thisMachine } from "../agents/places.ts";
import { tryReadConfig } from "../config/config.ts";
import { mergedValues } from "../config/sources.ts";
import type { Command } from "./command.ts";
import { interruptible } from "./context.ts";
import { print, printJson, progressLine } from "./terminal.ts";

const exitCodes = { ok: 0, warning: 1, failed: 2 } as const;

export const doctor: Command = {
	name: "doctor",
	summary:
		"check settings, endpoints, storage and the agents that are connected, and say what to do; exit code 1 for warnings, 2 for failures",
	flags: [{ name: "json", summary: "as JSON" }],
	// The configuration is not read first, as an invalid one is a finding. Ctrl-C shows the findings so far.
	run: (launch, _, { json }) =>
		interruptible(async (signal) => {
			const { sources, notices, bundles, version } = launch;
			// Other commands do not load what only this one needs.
			const [
				{ examine },
				{ toText },
				{ worstOf },
				{ askServer, listTools },
				{ examineAgents },
				{ ownOf },
				{ entryOf },
			] = await Promise.all([
				import("../doctor/doctor.ts"),
				import("../doctor/output/text.ts"),
				import("../doctor/report.ts"),
				import("../mcp/selfCheck.ts"),
				import("../agents/checks/registry.ts"),
				import("../agents/checks/own.ts"),
				import("./agentFiles.ts"),
			]);
			const places = thisMachine();
			const own = ownOf(tryReadConfig(sources), version, await entryOf(launch, places), places);
			// Elsewhere than on a terminal, the report is enough.
			const progress = progressLine(Number.POSITIVE_INFINITY);
			const report = await examine({
				env: mergedValues(sources),
				sources,
				notices,
				bundles,
				signal,
				mcp: (stop) => listTools(version, stop),
				agents: (findings, stop) => examineAgents(places, own, askServer, findings, stop),
				onFinding: ({ title, status }) => progress.show(`${title}: ${status}`),
			});
			progress.clear();
			if (json) printJson(report);
			else print(toText(report));
			return exitCodes[worstOf(report.findings)];
		}),
};
