import type { Finding, FindingRole, Fix, Report } from "./report.ts";

/** What has to be checked again after a fix was applied. */
export function affectedRoles(fix: Fix, { role }: Pick<Finding, "role">): readonly FindingRole[] {
	if (fix.kind === "reembed") return ["embedding", "storage"];
	const variables =
		fix.kind === "set"
			? fix.changes.map(({ variable }) => variable)
			: "variable" in fix
				? [fix.variable]
				: [];
	if (variables.length === 0) return [role];
	if (variables.every((name) => name === "MEMORY_DIR")) return ["configuration", "storage"];
	// Embeddings follow the language model where they have no settings of their own.
	if (variables.some((name) => !name.startsWith("EMBEDDING_"))) return ["configuration", "chat", "embedding"];
	return ["configuration", "embedding"];
}

/** A report whose findings of some roles are replaced by newer ones. */
export function merged(before: Report, now: Report, roles: readonly FindingRole[]): Report {
	const order: readonly FindingRole[] = ["configuration", "chat", "embedding", "storage", "mcp"];
	const kept = before.findings.filter(({ role }) => !roles.includes(role));
	return {
		...now,
		findings: order.flatMap((role) => [...now.findings, ...kept].filter((finding) => finding.role === role)),
		families: { ...before.families, ...now.families },
	};
}
