import type { Redact } from "../config/redact.ts";
import { mapTexts } from "./output/redact.ts";
import { type Finding, type FindingRole, type Fix, roleTitles } from "./report.ts";

/** What a check found out; `Findings` adds the rest. */
export type CheckResult = Pick<Finding, "status" | "seen" | "cause" | "evidence"> & {
	readonly fixes?: readonly Fix[];
};

/** The check of a role without anything to check. */
export const providerCheck = (role: FindingRole) => ({ stage: "provider", title: roleTitles[role] });

/** A check, as the registry lists it. */
export interface Check<Subject> {
	/** Second part of the finding's id. */
	readonly stage: string;
	/** What is checked, in a few words. */
	readonly title: string;
	/** Whether later checks are worth running even if this one fails. */
	readonly optional?: true;
	/** Default: it applies to every subject. */
	readonly applies?: (subject: Subject) => boolean;
	readonly run: (subject: Subject) => Promise<CheckResult> | CheckResult;
}

export function ok(seen: string): CheckResult {
	return { status: "ok", seen };
}

export function skipped(seen: string): CheckResult {
	return { status: "skipped", seen };
}

export const explainedAbove = skipped("Not checked: an earlier finding explains it.");

export function warning(seen: string, cause: string, fixes: readonly Fix[]): CheckResult {
	return { status: "warning", seen, cause, fixes };
}

export function failure(seen: string, cause: string, fixes: readonly Fix[]): CheckResult {
	return { status: "failed", seen, cause, fixes };
}

/**
 * Runs checks in order. After a failure, the others are skipped.
 * @returns the stage that failed, unless it is optional.
 */
export async function runChecks<Subject>(
	role: FindingRole,
	checks: readonly Check<Subject>[],
	subject: Subject,
	findings: Findings,
): Promise<string | undefined> {
	let stoppedAt: string | undefined;
	for (const check of checks) {
		if (check.applies?.(subject) === false) continue;
		const result = stoppedAt === undefined ? await check.run(subject) : explainedAbove;
		findings.add(role, check, result);
		if (result.status === "failed" && !check.optional) stoppedAt = check.stage;
	}
	return stoppedAt;
}

export type Findings = ReturnType<typeof createFindings>;

/**
 * Collects findings in the order of the checks, and reports each one at once.
 * @param redact is applied to every text of a finding.
 */
export function createFindings(redact: Redact, onFinding?: (finding: Finding) => void) {
	const all: Finding[] = [];
	const evidence: string[] = [];
	let lastAt = performance.now();
	return {
		all: all as readonly Finding[],
		/** Of the next finding. */
		evidence,
		/** A check's duration is the time since the last finding. */
		add: (
			role: FindingRole,
			{ stage, title }: Pick<Check<never>, "stage" | "title">,
			{ status, seen, cause, fixes = [], evidence: own = [] }: CheckResult,
		): void => {
			const now = performance.now();
			const lines = [...own, ...evidence.splice(0)];
			const found: Finding = {
				id: `${role}.${stage}`,
				role,
				status,
				title: withRole(role, title),
				seen,
				...(cause ? { cause } : {}),
				fixes,
				...(lines.length > 0 ? { evidence: lines } : {}),
				duration: Math.round(now - lastAt),
			};
			const finding = mapTexts(found, redact);
			lastAt = now;
			all.push(finding);
			onFinding?.(finding);
		},
	};
}

/**
 * The findings about one of several servers, which are named after its host. A fault is a warning, because requests go to
 * the others.
 */
export function atServer({ add, ...findings }: Findings, host: string): Findings {
	return {
		...findings,
		add: (role, { stage, title }, result) => {
			const status = result.status === "failed" ? "warning" : result.status;
			add(role, { stage: `${stage}@${host}`, title: `${title} (${host})` }, { ...result, status });
		},
	};
}

/** "Language model: host name"; both endpoints have the same checks. */
function withRole(role: FindingRole, title: string): string {
	if ((role !== "chat" && role !== "embedding") || title === roleTitles[role]) return title;
	const keepsCase = /^([A-Z]{2}|[a-z])/.test(title);
	return `${roleTitles[role]}: ${keepsCase ? title : title.charAt(0).toLowerCase() + title.slice(1)}`;
}
