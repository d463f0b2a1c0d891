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
	run: ({ sources, notices, bundles, version }, _, { json }) =>
		interruptible(async (signal) => {
			// Other commands do not load what only this one needs.
			const [{ examine }, { toText }, { worstOf }, { askServer, listTools }, { examineAgents }, { ownOf }] =
				await Promise.all([
					import("../doctor/doctor.ts"),
					import("../doctor/output/text.ts"),
					import("../doctor/report.ts"),
					import("../mcp/selfCheck.ts"),
					import("../agents/checks/registry.ts"),
					import("../agents/checks/own.ts"),
				]);
			const places = thisMachine();
			// Elsewhere than on a terminal, the report is enough.
			const progress = progressLine(Number.POSITIVE_INFINITY);
			const report = await examine({
				env: mergedValues(sources),
				sources,
				notices,
				bundles,
				signal,
				mcp: (stop) => listTools(version, stop),
				agents: (findings, stop) =>
					examineAgents(places, ownOf(tryReadConfig(sources), version, places), askServer, findings, stop),
				onFinding: ({ title, status }) => progress.show(`${title}: ${status}`),
			});
			progress.clear();
			if (json) printJson(report);
			else print(toText(report));
			return exitCodes[worstOf(report.findings)];
		}),
};
