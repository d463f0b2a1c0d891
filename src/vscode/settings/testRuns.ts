import * as l10n from "@vscode/l10n";
import type { Environment } from "../../config/variables.ts";
import { shortTitle } from "../../doctor/output/text.ts";
import { type Finding, type Report, worstOf } from "../../doctor/report.ts";
import { errorText } from "../../memory/errorText.ts";
import type { TestedRole, TestView } from "../../settings/panel/protocol.ts";
import { plural } from "../../text/wording.ts";
import type { ExaminationOptions } from "../diagnostics/examination.ts";

interface Run {
	/** Identifies the tested values: with others, the findings are outdated. */
	readonly question: string;
	readonly stop: AbortController;
	readonly findings: Finding[];
	state: TestView["state"];
	summary: string;
}

/** The tests of the two endpoints and of the database: the Doctor's checks, on values that may be unsaved. */
export function createTestRuns(
	examine: (options: ExaminationOptions) => Promise<Report>,
	changed: () => void,
) {
	const runs = new Map<TestedRole, Run>();
	const cancel = (role: TestedRole) => runs.get(role)?.stop.abort();
	return {
		cancel,
		/** @param question identifies the current values. */
		view: (role: TestedRole, question: string): TestView | undefined => {
			const run = runs.get(role);
			if (!run) return undefined;
			const { state, findings } = run;
			const outdated = l10n.t("Settings were edited since: test again.");
			const summary = run.question === question ? run.summary : `${run.summary} ${outdated}`;
			return { state, summary, findings: findings.map(toView) };
		},
		/** @param env the edited values with their keys. */
		start: async (role: TestedRole, question: string, env: Environment) => {
			cancel(role);
			const stop = new AbortController();
			const run: Run = { question, stop, findings: [], state: "running", summary: l10n.t("Testing…") };
			runs.set(role, run);
			changed();
			const onFinding = (finding: Finding) => {
				run.findings.push(finding);
				changed();
			};
			try {
				const { cancelled } = await examine({ env, roles: [role], signal: stop.signal, onFinding });
				run.state = cancelled ? "cancelled" : "done";
				run.summary = cancelled ? l10n.t("Stopped.") : summaryOf(run.findings);
			} catch (error) {
				run.state = "failed";
				run.summary = errorText(error);
			}
			changed();
		},
		fix: (role: TestedRole, finding: string, index: number) =>
			runs.get(role)?.findings.find(({ id }) => id === finding)?.fixes[index],
		dispose: () => {
			for (const { stop } of runs.values()) stop.abort();
		},
	};
}

function toView({ id, role, status, title, seen, cause, fixes }: Finding): TestView["findings"][number] {
	return {
		id,
		status,
		// Its section already names the role.
		title: shortTitle({ title, role }),
		seen,
		cause,
		fixes: fixes.map(({ label, kind }) => ({ label, button: kind !== "advice" })),
	};
}

function summaryOf(findings: readonly Finding[]): string {
	const made = findings.filter(({ status }) => status !== "skipped");
	const wrong = findings.filter(({ status }) => status === "failed" || status === "warning").length;
	if (made.length === 0) return l10n.t("There is nothing to test.");
	if (worstOf(findings) === "ok")
		return plural(made.length, l10n.t("The check passed."), l10n.t("All # checks passed."));
	return plural(
		made.length,
		l10n.t("The check found something. See the finding."),
		l10n.t`${wrong} of # checks found something. See each finding.`,
	);
}
