import { type Finding, type FindingRole, type Fix, findingRoles, type Report } from "./report.ts";

/** The roles to check again after a fix was applied. */
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
	// They say where the memory is; a team's server has the models, too.
	if (variables.some((name) => name === "DATABASE_URL" || name.startsWith("TEAM_SERVER_")))
		return ["configuration", "chat", "embedding", "storage"];
	// Embeddings use the language model's settings where they have none of their own.
	if (variables.some((name) => !name.startsWith("EMBEDDING_"))) return ["configuration", "chat", "embedding"];
	return ["configuration", "embedding"];
}

/** A report in which newer findings replace those of some roles. */
export function merged(before: Report, now: Report, roles: readonly FindingRole[]): Report {
	const kept = before.findings.filter(({ role }) => !roles.includes(role));
	return {
		...now,
		findings: findingRoles.flatMap((role) =>
			[...now.findings, ...kept].filter((finding) => finding.role === role),
		),
		families: { ...before.families, ...now.families },
	};
}
