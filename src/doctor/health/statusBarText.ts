import type { MemoryStatus, ModelStatus } from "../../memory/requests.ts";
import { counted } from "../../text/wording.ts";
import type { HealthCheck } from "./healthCheck.ts";

/**
 * - `local`: nothing is configured; the built-in model works offline.
 * - `checking`: how the endpoints do is not known yet, and is being found out.
 * - `healthy`, `degraded`, `failing`: of the endpoints; memories are safe in all of them.
 * - `unavailable`: the memory cannot be opened.
 */
export type StatusBarState = "local" | "checking" | "healthy" | "degraded" | "failing" | "unavailable";

export interface StatusBarInput {
	readonly status: MemoryStatus;
	readonly looks: { readonly llm?: HealthCheck | undefined; readonly embedding?: HealthCheck | undefined };
	/** Whether an endpoint is being looked at for the first time, or checks are run. */
	readonly checking: boolean;
}

export interface StatusBarText {
	readonly state: StatusBarState;
	/** Of VS Code's icons. */
	readonly icon: string;
	/** Behind the icon. */
	readonly text: string;
	/** For a screen reader. */
	readonly label: string;
	/** What is wrong, naming variables; undefined where nothing is. */
	readonly problem: string | undefined;
}

/** Share of failed requests in an hour from which on an endpoint counts as degraded, and how many it takes to tell. */
const manyFailures = 0.2;
const enoughRequests = 5;

const icons: Readonly<Record<StatusBarState, string>> = {
	local: "database",
	checking: "sync~spin",
	healthy: "pass",
	degraded: "warning",
	failing: "error",
	unavailable: "error",
};

type RoleState = "unknown" | "healthy" | "degraded" | "failing";

/** What the status bar says. */
export function statusBarText({ status, looks, checking }: StatusBarInput): StatusBarText {
	const { llm, embedding, counts, pending } = status;
	const roles = [
		...(llm ? [{ model: llm, look: looks.llm }] : []),
		...(embedding.origin !== "" || embedding.problem ? [{ model: embedding, look: looks.embedding }] : []),
	];
	const states = roles.map(({ model, look }) => roleState(model, look));
	const state: StatusBarState =
		roles.length === 0
			? "local"
			: states.includes("failing")
				? "failing"
				: states.includes("degraded")
					? "degraded"
					: checking
						? "checking"
						: "healthy";
	const ill = state === "failing" || state === "degraded" ? roles[states.indexOf(state)] : undefined;
	const problem = ill && problemOf(ill.model, ill.look);
	const waiting = pending.distillation + pending.embedding;
	const work = waiting > 0 ? `, ${waiting} pending` : "";
	const word = state === "local" || state === "healthy" ? "" : `, ${state}`;
	const warning = problem ? ` Warning: ${problem}` : "";
	return {
		state,
		icon: icons[state],
		text: `Mem0: ${counts.all}${work}${word}`,
		label: `Mem0, ${state === "local" ? "on this machine only" : state}: ${counted(counts.all)}${work}.${warning}`,
		problem,
	};
}

/** When the memory itself cannot be opened. */
export function unavailableText(problem: string): StatusBarText {
	return {
		state: "unavailable",
		icon: icons.unavailable,
		text: "Mem0: unavailable",
		label: `Mem0, unavailable: ${problem}`,
		problem,
	};
}

/** What a look tells counts as long as nothing has been asked of the endpoint since. */
function roleState(model: ModelStatus, look: HealthCheck | undefined): RoleState {
	const last = model.traffic?.last;
	const newer = look !== undefined && (last === undefined || look.at > last.at);
	if (newer && look.problem !== undefined) return "failing";
	if (model.state === "failing") return newer ? "degraded" : "failing";
	const { requests = 0, failures = 0 } = model.traffic ?? {};
	if (requests >= enoughRequests && failures / requests >= manyFailures) return "degraded";
	return model.state === "working" || newer ? "healthy" : "unknown";
}

function problemOf(model: ModelStatus, look: HealthCheck | undefined): string | undefined {
	if (look?.problem !== undefined && roleState(model, look) === "failing") return look.problem;
	if (model.problem) return model.problem;
	const { requests = 0, failures = 0 } = model.traffic ?? {};
	return failures > 0
		? `${failures} of ${requests} requests to ${model.description} failed in the last hour.`
		: undefined;
}

/** How a role does, in a line: "qwen3 at http://…: last answer in 230 ms, 2 of 40 requests failed in the last hour". */
export function roleLine(model: ModelStatus, look: HealthCheck | undefined): string {
	const { latency, requests = 0, failures = 0 } = model.traffic ?? {};
	const facts = [
		latency === undefined ? undefined : `last answer in ${latency} ms`,
		requests > 0
			? failures === 0
				? `none of ${requests} requests failed in the last hour`
				: `${failures} of ${requests} requests failed in the last hour`
			: undefined,
		requests === 0 && look && look.problem === undefined ? `answers in ${look.duration} ms` : undefined,
	].filter((fact) => fact !== undefined);
	return facts.length === 0 ? "not asked yet" : facts.join(", ");
}
