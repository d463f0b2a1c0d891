import type { EndpointRole } from "../../config/endpoints.ts";
import type { Environment } from "../../config/variables.ts";
import { type Finding, type Fix, type Report, worstOf } from "../../doctor/report.ts";
import { errorText } from "../../memory/errorText.ts";
import type { PanelInput } from "../../settings/panel/panelState.ts";
import type { TestView } from "../../settings/panel/protocol.ts";
import type { ExaminationOptions } from "../diagnostics/examination.ts";

interface Run {
	/** Identifies the tested values: with others, the findings are outdated. */
	readonly question: string;
	readonly stop: AbortController;
	readonly findings: Finding[];
	state: TestView["state"];
	summary: string;
}

/** The tests of the two endpoints: the Doctor's checks, on values that may be unsaved. */
export class TestRuns {
	readonly #examine: (options: ExaminationOptions) => Promise<Report>;
	readonly #changed: () => void;
	readonly #runs = new Map<EndpointRole, Run>();

	constructor(examine: (options: ExaminationOptions) => Promise<Report>, changed: () => void) {
		this.#examine = examine;
		this.#changed = changed;
	}

	/** @param question identifies the current values. */
	views(question: string): PanelInput["tests"] {
		return { chat: this.#view("chat", question), embedding: this.#view("embedding", question) };
	}

	#view(role: EndpointRole, question: string): TestView | undefined {
		const run = this.#runs.get(role);
		if (!run) return undefined;
		const outdated = run.question === question ? "" : " Settings were edited since: test again.";
		return { state: run.state, summary: `${run.summary}${outdated}`, findings: run.findings.map(toView) };
	}

	/** @param env the edited values with their keys. */
	async start(role: EndpointRole, question: string, env: Environment): Promise<void> {
		this.cancel(role);
		const stop = new AbortController();
		const run: Run = { question, stop, findings: [], state: "running", summary: "Testing…" };
		this.#runs.set(role, run);
		this.#changed();
		try {
			const { cancelled } = await this.#examine({
				env,
				roles: [role],
				signal: stop.signal,
				onFinding: (finding) => {
					run.findings.push(finding);
					this.#changed();
				},
			});
			run.state = cancelled ? "cancelled" : "done";
			run.summary = cancelled ? "Stopped." : summary(run.findings);
		} catch (error) {
			run.state = "failed";
			run.summary = errorText(error);
		}
		this.#changed();
	}

	cancel(role: EndpointRole): void {
		this.#runs.get(role)?.stop.abort();
	}

	fix(role: EndpointRole, finding: string, index: number): Fix | undefined {
		return this.#runs.get(role)?.findings.find(({ id }) => id === finding)?.fixes[index];
	}

	dispose(): void {
		for (const { stop } of this.#runs.values()) stop.abort();
	}
}

function toView({ id, status, title, seen, cause, fixes }: Finding): TestView["findings"][number] {
	return {
		id,
		status,
		// Its section already names the role.
		title: title.replace(/^(?:Language model|Embeddings): (.)/, (_, first: string) => first.toUpperCase()),
		seen,
		...(cause === undefined ? {} : { cause }),
		fixes: fixes.map(({ label, kind }) => ({ label, button: kind !== "advice" })),
	};
}

function summary(findings: readonly Finding[]): string {
	const made = findings.filter(({ status }) => status !== "skipped");
	const wrong = findings.filter(({ status }) => status === "failed" || status === "warning").length;
	if (made.length === 0) return "There is nothing to test.";
	if (worstOf(findings) === "ok")
		return made.length === 1 ? "The check passed." : `All ${made.length} checks passed.`;
	return `${wrong} of ${made.length} ${made.length === 1 ? "check" : "checks"} found something. See each finding.`;
}
