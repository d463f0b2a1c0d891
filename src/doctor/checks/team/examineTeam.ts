import type { TeamAccess } from "../../../memory/remote/teamClient.ts";
import {
	type CheckResult,
	type Findings,
	ok,
	providerCheck,
	runChecks,
	skipped,
	warning,
} from "../../findings.ts";
import { advice } from "../../fixes.ts";
import type { FindingRole } from "../../report.ts";
import type { Run } from "../../run.ts";
import { teamChecks } from "../registry.ts";
import { askOperator, createTeamTarget, orFailure, type TeamTarget } from "./teamTarget.ts";

const states = {
	unused: "not asked yet",
	working: "working",
	failing: "failing",
} as const;

/** Examines a team's server in the place of endpoints and database, none of which this machine has. */
export async function examineTeam(
	server: TeamAccess,
	memoryDir: string,
	run: Run,
	roles: readonly FindingRole[],
	findings: Findings,
): Promise<void> {
	const target = createTeamTarget(server, memoryDir, run);
	const failedAt = roles.includes("storage")
		? await runChecks("storage", await teamChecks(run.asksModels), target, findings)
		: undefined;
	for (const role of ["chat", "embedding"] as const) {
		if (!roles.includes(role)) continue;
		const notKnown = skipped("Not known: it is the team's server's own; see the findings on storage.");
		findings.add(role, providerCheck(role), failedAt === undefined ? await modelOf(role, target) : notKnown);
	}
}

/** The model that the server asks. This process asks none. */
function modelOf(role: "chat" | "embedding", target: TeamTarget): Promise<CheckResult> {
	const ask = async () => {
		const { llm, embedding } = await target.status();
		const model = role === "chat" ? llm : embedding;
		if (!model) return ok("The team's server has none, and keeps texts word for word.");
		const name = model.origin === "" ? "the built-in model" : model.description;
		const seen = `The team's server asks its own: ${name}, ${states[model.state]}.`;
		return model.state === "failing"
			? warning(seen, model.problem ?? "Its endpoint fails.", [askOperator])
			: ok(seen);
	};
	const cause = "The team's server asks its own model, and cannot be asked how that is.";
	return orFailure(target, cause, ask, [advice("Run all checks, which say what is wrong on the way")]);
}
