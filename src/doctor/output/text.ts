import * as l10n from "@vscode/l10n";
import { families } from "../../endpoints/openai/families.ts";
import { inMarkdown, oneLine } from "../../text/inert.ts";
import { plural } from "../../text/wording.ts";
import {
	type Finding,
	type FindingRole,
	type FindingStatus,
	type Fix,
	type Report,
	roleTitles,
} from "../report.ts";
import { mapTexts, withoutPerson } from "./redact.ts";

/** Findings by role, in the order of the checks. */
export function byRole(findings: readonly Finding[]): Map<FindingRole, Finding[]> {
	return Map.groupBy(findings, ({ role }) => role);
}

/** "2 failed, 1 warning, 12 ok", the worst first. */
export function counts(findings: readonly Pick<Finding, "status">[]): string {
	const order: readonly FindingStatus[] = ["failed", "warning", "ok", "skipped"];
	return order
		.map((status) => [findings.filter((finding) => finding.status === status).length, status] as const)
		.filter(([count]) => count > 0)
		.map(([count, status]) => countOf(count, status))
		.join(", ");
}

function countOf(count: number, status: FindingStatus): string {
	switch (status) {
		case "failed":
			return l10n.t`${count} failed`;
		case "warning":
			return plural(count, l10n.t("# warning"), l10n.t("# warnings"));
		case "ok":
			return l10n.t`${count} ok`;
		case "skipped":
			return l10n.t`${count} skipped`;
	}
}

/** A status in words. */
export function statusWord(status: FindingStatus): string {
	return {
		failed: l10n.t("failed"),
		warning: l10n.t("warning"),
		ok: l10n.t("ok"),
		skipped: l10n.t("skipped"),
	}[status];
}

/** The result of the whole run, in one sentence. */
export function verdict({ findings, cancelled }: Pick<Report, "findings" | "cancelled">): string {
	const worst =
		findings.find(({ status }) => status === "failed") ?? findings.find(({ status }) => status === "warning");
	if (!worst) return cancelled ? l10n.t("The checks were cancelled.") : l10n.t("Everything works.");
	return cancelled ? `${worst.seen} ${l10n.t("The checks were cancelled before their end.")}` : worst.seen;
}

/** The title under its role's heading: "API key" under "Language model". */
export function shortTitle({ title, role }: Pick<Finding, "title" | "role">): string {
	const start = `${roleTitles[role]}: `;
	if (!title.startsWith(start)) return title;
	const rest = title.slice(start.length);
	return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** For a terminal. */
export function toText(given: Report): string {
	// A line is ours: what a server said cannot begin one.
	const report = mapTexts(given, (text) => oneLine(text));
	const lines = [`${verdict(report)}`, `${counts(report.findings)} in ${seconds(report.duration)}`];
	for (const [role, findings] of byRole(report.findings)) {
		lines.push("", roleTitles[role]);
		for (const finding of findings) {
			lines.push(`  ${finding.status.padEnd(8)} ${shortTitle(finding)}: ${finding.seen}`);
			if (finding.cause) lines.push(`           ${finding.cause}`);
			for (const fix of finding.fixes) lines.push(`           → ${inTerminal(fix)}`);
		}
	}
	return lines.join("\n");
}

/** A fix at a command line, where there are no buttons. */
function inTerminal(fix: Fix): string {
	switch (fix.kind) {
		case "set":
			return `${fix.label}: ${fix.changes.map(({ variable, value }) => (value === undefined ? `remove ${variable}` : `${variable}=${value}`)).join(", ")}`;
		case "enter-key":
			return `${fix.label}: ${fix.variable}=…`;
		case "reembed":
			return `${fix.label}: mcp-mem0 reembed`;
		case "rescue":
			return `${fix.label}: mcp-mem0 rescue`;
		case "connect":
			return `${fix.label}: mcp-mem0 connect ${fix.client}`;
		default:
			return fix.label;
	}
}

export function seconds(ms: number): string {
	return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** The server software of each endpoint: "Embedding server: Ollama". */
export function serverLines({ families: known }: Pick<Report, "families">): string[] {
	const lines = [
		known.chat && l10n.t`Language model's server: ${families[known.chat].name}`,
		known.embedding && l10n.t`Embedding server: ${families[known.embedding].name}`,
	];
	return lines.filter((line) => line !== undefined);
}

/** A report to share: the checklist first, then the evidence. It does not name the user; no report holds secrets. */
export function toMarkdown(report: Report, userId: string | undefined): string {
	const clean = mapTexts(report, (text) => withoutPerson(text, userId));
	const lines = [
		"# Endpoint Doctor",
		"",
		`${inMarkdown(verdict(clean))} ${counts(clean.findings)} in ${seconds(clean.duration)}, ${new Date(clean.startedAt).toISOString()}.`,
	];
	for (const [role, findings] of byRole(clean.findings)) {
		lines.push("", `## ${roleTitles[role]}`, "");
		for (const finding of findings) {
			const box = finding.status === "ok" ? "[x]" : `[ ] **${finding.status}**`;
			lines.push(`- ${box} ${inMarkdown(shortTitle(finding))}: ${inMarkdown(finding.seen)}`);
			if (finding.cause) lines.push(`  - Cause: ${inMarkdown(finding.cause)}`);
			for (const fix of finding.fixes) lines.push(`  - Fix: ${inMarkdown(inTerminal(fix))}`);
		}
	}
	lines.push("", "## Evidence", "", ...serverLines(clean).map((line) => `- ${line}`));
	for (const finding of clean.findings)
		for (const line of finding.evidence ?? []) lines.push(`- ${finding.id}: ${inMarkdown(line)}`);
	return `${lines.join("\n")}\n`;
}

/** What has changed since an earlier report: "Language model: API key, failed → ok". */
export function changes(before: Report, now: Report): string[] {
	return now.findings.flatMap((finding) => {
		const earlier = before.findings.find(({ id }) => id === finding.id);
		if (!earlier || earlier.status === finding.status) return [];
		const [from, to] = [statusWord(earlier.status), statusWord(finding.status)];
		return [`${roleTitles[finding.role]}: ${shortTitle(finding)}, ${from} → ${to}`];
	});
}
