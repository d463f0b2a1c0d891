import * as l10n from "@vscode/l10n";
import type { EndpointRole } from "../../config/endpoints.ts";
import { awayNotice } from "../../memory/keptHere.ts";
import type { MemoryStatus, ModelStatus } from "../../memory/requests.ts";
import type { HostTraffic } from "../../memory/traffic.ts";
import { counted, language, plural } from "../../text/wording.ts";
import type { HealthCheck } from "./healthCheck.ts";

/** Each state, and the name of one of VS Code's icons. */
const icons = {
	/** Nothing is configured; the built-in model works offline. */
	local: "database",
	/** The first health check of an endpoint is running. */
	checking: "sync~spin",
	/** The team's database is away, and what is saved waits on this machine; or the team's server is. */
	away: "debug-disconnect",
	/** The team's server wants a token, or another one. */
	refused: "key",
	// What the endpoints are; memories are safe in each case.
	healthy: "pass",
	degraded: "warning",
	failing: "error",
	/** The memory cannot be opened. */
	unavailable: "error",
} as const;

interface StatusBarInput {
	readonly status: MemoryStatus;
	/** The last health check of each endpoint. */
	readonly checks: Readonly<Partial<Record<EndpointRole, HealthCheck | undefined>>>;
	/** Whether an endpoint is checked for the first time, or the Doctor runs. */
	readonly checking: boolean;
}

export interface StatusBarText {
	readonly state: keyof typeof icons;
	readonly icon: string;
	/** After the icon. */
	readonly text: string;
	/** For a screen reader. */
	readonly label: string;
	/** What is wrong, naming variables; undefined if nothing is. */
	readonly problem: string | undefined;
}

/** An endpoint is degraded from this share of failed requests in an hour, if there were enough of them. */
const manyFailures = 0.2;
const enoughRequests = 5;

type RoleState = "unknown" | "healthy" | "degraded" | "failing";

/** What the status bar shows. */
export function statusBarText({ status, checks, checking }: StatusBarInput): StatusBarText {
	const { llm, embedding, pending, away, teamServer } = status;
	const seen = seenCount(status);
	const roles = [
		...(llm ? [{ model: llm, check: checks.chat }] : []),
		...(embedding.origin !== "" || embedding.problem ? [{ model: embedding, check: checks.embedding }] : []),
	];
	const states = roles.map(({ model, check }) => roleState(model, check));
	const ill = (["failing", "degraded"] as const).find((each) => states.includes(each));
	const isLocal = roles.length === 0 && teamServer === undefined;
	const ofModels = isLocal ? "local" : (ill ?? (checking ? "checking" : "healthy"));
	const state = away?.problem === undefined ? ofModels : "away";
	const worst = ill && roles[states.indexOf(ill)];
	const problem = awayNotice(away) ?? (worst && problemOf(worst.model, worst.check));
	const waiting = pending.distillation + pending.embedding;
	const work = [
		...(waiting > 0 ? [l10n.t`${waiting} pending`] : []),
		...(away && away.waiting > 0 ? [l10n.t`${away.waiting} to deliver`] : []),
	];
	const isOnServer = teamServer !== undefined;
	const word = state === "local" || state === "healthy" ? [] : [stateWord(state, isOnServer)];
	const warning = problem ? [l10n.t`Warning: ${problem}`] : [];
	// Where texts go is seen at a glance.
	const where = isOnServer ? [new URL(teamServer).host] : [];
	const facts = [counted(seen), ...where, ...work].join(", ");
	return {
		state,
		icon: icons[state],
		text: `Mem0: ${[seen, ...where, ...work, ...word].join(", ")}`,
		label: [l10n.t`Mem0, ${stateWord(state, isOnServer)}: ${facts}.`, ...warning].join(" "),
		problem,
	};
}

/** A state, in the window's language. @param isOnServer whether a team's server has the memory. */
export function stateWord(state: StatusBarText["state"], isOnServer = false): string {
	return {
		local: l10n.t("on this machine only"),
		checking: l10n.t("checking"),
		healthy: l10n.t("healthy"),
		degraded: l10n.t("degraded"),
		failing: l10n.t("failing"),
		unavailable: l10n.t("unavailable"),
		away: isOnServer ? l10n.t("server away") : l10n.t("database away"),
		refused: l10n.t("token needed"),
	}[state];
}

/** The memories that searches of this window find: those of other projects are not among them. */
export function seenCount({ counts }: Pick<MemoryStatus, "counts">): number {
	return counts.global + counts.project;
}

/** For a memory that cannot be opened. */
export function unavailableText(problem: string): StatusBarText {
	return {
		state: "unavailable",
		icon: icons.unavailable,
		text: `Mem0: ${stateWord("unavailable")}`,
		label: l10n.t`Mem0, unavailable: ${problem}`,
		problem,
	};
}

/** For a team's server that lets nobody in with the token that there is. */
export function refusedText(problem: string): StatusBarText {
	return {
		state: "refused",
		icon: icons.refused,
		text: `Mem0: ${stateWord("refused")}`,
		label: l10n.t`Mem0, token needed: ${problem}`,
		problem,
	};
}

/** A health check counts until the endpoint gets its next request. */
function roleState(model: ModelStatus, check: HealthCheck | undefined): RoleState {
	const last = model.traffic?.last;
	const newer = check !== undefined && (last === undefined || check.at > last.at);
	if (newer && check.problem !== undefined) return "failing";
	if (model.state === "failing") return newer ? "degraded" : "failing";
	if (model.leftOut) return "degraded";
	const { requests = 0, failures = 0 } = model.traffic ?? {};
	if (requests >= enoughRequests && failures / requests >= manyFailures) return "degraded";
	return model.state === "working" || newer ? "healthy" : "unknown";
}

function problemOf(model: ModelStatus, check: HealthCheck | undefined): string | undefined {
	if (check?.problem !== undefined && roleState(model, check) === "failing") return check.problem;
	if (model.problem) return model.problem;
	if (model.leftOut)
		return model.leftOut
			.map(({ url, problem }) => l10n.t`${url} gets no requests for now: ${problem}`)
			.join(" ");
	const { requests = 0, failures = 0 } = model.traffic ?? {};
	return failures > 0
		? l10n.t`${failures} of ${requestsText(requests)} to ${model.description} failed in the last hour.`
		: undefined;
}

/** How a role does: "last answer in 230 ms, 2 of 40 requests failed in the last hour". */
export function roleLine(model: ModelStatus, check: HealthCheck | undefined): string {
	const { latency, requests = 0, failures = 0 } = model.traffic ?? {};
	const facts = [
		...(latency === undefined ? [] : [l10n.t`last answer in ${latency} ms`]),
		...(requests > 0 ? [failuresText(requests, failures)] : []),
		...(requests === 0 && check && check.problem === undefined
			? [l10n.t`answers in ${check.duration} ms`]
			: []),
	];
	return facts.length === 0 ? l10n.t("not asked yet") : facts.join(", ");
}

function failuresText(requests: number, failures: number): string {
	return failures === 0
		? l10n.t`${requestsText(requests)} in the last hour, none failed`
		: l10n.t`${failures} of ${requestsText(requests)} failed in the last hour`;
}

function requestsText(count: number): string {
	return plural(count, l10n.t("# request"), l10n.t("# requests"));
}

/** Hosts that a tooltip names. */
const mostHosts = 4;

function number(value: number): string {
	return value.toLocaleString(language());
}

/** The requests of some days: "120 to gpu1:8000 (2 failed, 48,000 tokens, 310 ms on average)"; empty if there were none. */
export function trafficLine(hosts: readonly HostTraffic[]): string {
	const sorted = hosts.toSorted((a, b) => b.requests - a.requests).slice(0, mostHosts);
	return sorted
		.map(({ role, host, requests, errors, inputTokens, outputTokens, latency }) => {
			const tokens = inputTokens + outputTokens;
			const facts = [
				role === "chat" ? l10n.t("facts") : l10n.t("embeddings"),
				...(errors > 0 ? [l10n.t`${number(errors)} failed`] : []),
				...(tokens > 0 ? [l10n.t`${number(tokens)} tokens`] : []),
				...(latency === undefined ? [] : [l10n.t`${number(latency)} ms on average`]),
			];
			const where = host === "built in" ? l10n.t("the built-in model") : host;
			return l10n.t`${number(requests)} to ${where} (${facts.join(", ")})`;
		})
		.join("; ");
}
