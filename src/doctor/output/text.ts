import type { Finding, FindingRole, FindingStatus, Fix, Report } from "../report.ts";
import { familyNames } from "../serverFamily.ts";
import { mapTexts, withoutPerson } from "./redact.ts";

export const roleTitles: Readonly<Record<FindingRole, string>> = {
	configuration: "Settings",
	chat: "Language model",
	embedding: "Embeddings",
	storage: "Storage",
	mcp: "MCP server",
};

export const statusWords: Readonly<Record<FindingStatus, string>> = {
	ok: "ok",
	warning: "warning",
	failed: "failed",
	skipped: "skipped",
};

/** Findings by role, in the order of the checks. */
export function byRole(findings: readonly Finding[]): (readonly [FindingRole, readonly Finding[]])[] {
	const roles = [...new Set(findings.map(({ role }) => role))];
	return roles.map((role) => [role, findings.filter((finding) => finding.role === role)]);
}

/** "2 failed, 1 warning, 12 ok", with what counts first. */
export function counts(findings: readonly Pick<Finding, "status">[]): string {
	const order: readonly FindingStatus[] = ["failed", "warning", "ok", "skipped"];
	return order
		.map((status) => [findings.filter((finding) => finding.status === status).length, status] as const)
		.filter(([count]) => count > 0)
		.map(
			([count, status]) => `${count} ${status === "warning" && count > 1 ? "warnings" : statusWords[status]}`,
		)
		.join(", ");
}

/** What the report as a whole says, in one sentence. */
export function verdict({ findings, cancelled }: Pick<Report, "findings" | "cancelled">): string {
	const worst =
		findings.find(({ status }) => status === "failed") ?? findings.find(({ status }) => status === "warning");
	const end = cancelled ? " The checks were cancelled before their end." : "";
	if (!worst) return cancelled ? "The checks were cancelled." : "Everything works.";
	return `${worst.seen}${end}`;
}

/** "Key is accepted" under the heading "Language model". */
export function shortTitle({ title, role }: Pick<Finding, "title" | "role">): string {
	const start = `${roleTitles[role]}: `;
	if (!title.startsWith(start)) return title;
	const rest = title.slice(start.length);
	return /^mem0/.test(rest) ? rest : rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** For a terminal. */
export function toText(report: Report): string {
	const lines = [`${verdict(report)}`, `${counts(report.findings)} in ${seconds(report.duration)}`];
	for (const [role, findings] of byRole(report.findings)) {
		lines.push("", roleTitles[role]);
		for (const finding of findings) {
			lines.push(`  ${statusWords[finding.status].padEnd(8)} ${shortTitle(finding)}: ${finding.seen}`);
			if (finding.status === "ok" || finding.status === "skipped") continue;
			if (finding.cause) lines.push(`           ${finding.cause}`);
			for (const fix of finding.fixes) lines.push(`           → ${inTerminal(fix)}`);
		}
	}
	return `${lines.join("\n")}\n`;
}

/** What a person does at a command line, where there are no buttons. */
function inTerminal(fix: Fix): string {
	switch (fix.kind) {
		case "set":
			return `${fix.label}: ${fix.changes.map(({ variable, value }) => (value === undefined ? `unset ${variable}` : `${variable}=${value}`)).join(", ")}`;
		case "enter-key":
			return `${fix.label}: ${fix.variable}=…`;
		case "reembed":
			return `${fix.label}: mcp-mem0 reembed`;
		default:
			return fix.label;
	}
}

export function seconds(ms: number): string {
	return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const boxes: Readonly<Record<FindingStatus, string>> = {
	ok: "[x]",
	warning: "[ ]",
	failed: "[ ]",
	skipped: "[ ]",
};

/**
 * To be shared: checklist first, then what was seen. Nothing in it says who is at the machine; secrets are in no
 * report.
 */
export function toMarkdown(report: Report, userId: string | undefined): string {
	const clean = mapTexts(report, (text) => withoutPerson(text, userId));
	const lines = [
		"# Endpoint Doctor",
		"",
		`${escapeMarkdown(verdict(clean))} ${counts(clean.findings)} in ${seconds(clean.duration)}, ${new Date(clean.startedAt).toISOString()}.`,
	];
	for (const [role, findings] of byRole(clean.findings)) {
		lines.push("", `## ${roleTitles[role]}`, "");
		for (const finding of findings) {
			const mark = finding.status === "ok" ? "" : `**${statusWords[finding.status]}** `;
			lines.push(
				`- ${boxes[finding.status]} ${mark}${escapeMarkdown(shortTitle(finding))}: ${escapeMarkdown(finding.seen)}`,
			);
			if (finding.status !== "failed" && finding.status !== "warning") continue;
			if (finding.cause) lines.push(`  - Cause: ${escapeMarkdown(finding.cause)}`);
			for (const fix of finding.fixes) lines.push(`  - Fix: ${escapeMarkdown(inTerminal(fix))}`);
		}
	}
	const { chat, embedding } = clean.families;
	lines.push("", "## Evidence", "");
	if (chat) lines.push(`- Language model's server: ${familyNames[chat]}`);
	if (embedding) lines.push(`- Embedding server: ${familyNames[embedding]}`);
	for (const finding of clean.findings)
		for (const line of finding.evidence ?? []) lines.push(`- ${finding.id}: ${escapeMarkdown(line)}`);
	return `${lines.join("\n")}\n`;
}

/** A server's words are shown as they are, whatever Markdown would make of them. */
function escapeMarkdown(text: string): string {
	return text.replace(/[\\`*_[\]<>#|~]/g, "\\$&").replace(/\s+/g, " ");
}

/** What is otherwise than in an earlier report: "Key is accepted: failed → ok". */
export function changes(before: Report, now: Report): string[] {
	return now.findings.flatMap((finding) => {
		const earlier = before.findings.find(({ id }) => id === finding.id);
		if (!earlier || earlier.status === finding.status) return [];
		return [
			`${roleTitles[finding.role]}: ${shortTitle(finding)}, ${statusWords[earlier.status]} → ${statusWords[finding.status]}`,
		];
	});
}
