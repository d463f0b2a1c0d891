import type { Config } from "../config/config.ts";
import type { EndpointRole, HttpEndpoint } from "../config/endpoints.ts";
import { redactor } from "../config/redact.ts";
import type { ConfigNotice } from "../config/remarks.ts";
import { secretsIn } from "../config/secrets.ts";
import type { Source } from "../config/sources.ts";
import type { Environment } from "../config/variables.ts";
import { builtinSpace } from "../endpoints/builtin/embedder.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import { requestHeaders } from "../endpoints/openai/requestHeaders.ts";
import type { Bundles } from "../memory/openMemory.ts";
import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import { hostModel } from "./checks/chat/hostModel.ts";
import { checkConfiguration } from "./checks/configuration.ts";
import {
	chatChecks,
	connectionChecks,
	embeddingChecks,
	modelChecks,
	storageChecks,
} from "./checks/registry.ts";
import {
	type CheckResult,
	createFindings,
	type Findings,
	ok,
	providerCheck,
	runChecks,
	skipped,
	warning,
} from "./findings.ts";
import { advice } from "./fixes.ts";
import { mapTexts } from "./output/redact.ts";
import { type Finding, type FindingRole, findingRoles, type Report } from "./report.ts";
import { createTarget, type Run, type Target } from "./target.ts";

export interface ExamineOptions {
	/** Values of the variables as they were given, valid or not, with the keys. */
	readonly env: Environment;
	/** Where `OPENAI_API_KEY` and `${env:NAME}` in headers are looked up. Default: `env`. */
	readonly ambient?: Environment;
	/** Where the values come from. Default: all from one place. */
	readonly sources?: readonly Source[];
	/** What was seen on the way to the values. */
	readonly notices?: readonly ConfigNotice[];
	/** Default: all. */
	readonly roles?: readonly FindingRole[];
	/** `connection`: checks endpoints up to their list of models, so that no tokens are spent. */
	readonly depth?: "connection" | "full";
	/** ms that a check may take. Default: the configured time. */
	readonly deadline?: number;
	readonly signal?: AbortSignal;
	readonly onFinding?: (finding: Finding) => void;
	/** For the round trip; without them, there is none. */
	readonly bundles?: Bundles;
	/** The language model for `LLM_PROVIDER=vscode`. */
	readonly hostModel?: ChatModel | undefined;
	/** Lists the tools of the MCP server through a real client; without it, the server is not checked. */
	readonly mcp?: (signal: AbortSignal) => Promise<CheckResult>;
}

const defaultDeadline = 10_000;
/** The whole run may take as long as so many checks that use up their time. */
const wholeRun = 6;

/**
 * Examines configuration, endpoints, storage and MCP server from the outside, one check after another. A failure is a
 * finding, never an exception. Nothing from a real memory is sent anywhere.
 */
export async function examine(options: ExamineOptions): Promise<Report> {
	const { env, ambient = env, roles = findingRoles, onFinding, signal: cancelled } = options;
	const startedAt = Date.now();
	const begun = performance.now();
	const given = [env, ...(options.sources ?? []).map(({ values }) => values)];
	const redact = redactor(given.flatMap((values) => secretsIn(values, ambient)));
	const findings = createFindings(redact, onFinding);
	const { config, findings: found } = checkConfiguration(env, ambient, options.sources, options.notices);
	if (roles.includes("configuration") || !config)
		for (const each of found) findings.add("configuration", each, each);

	const deadline = options.deadline ?? config?.diagnosticsTimeout ?? defaultDeadline;
	const over = AbortSignal.timeout(wholeRun * deadline);
	const signal = cancelled ? AbortSignal.any([cancelled, over]) : over;
	const targets: Partial<Record<EndpointRole, Target>> = {};
	try {
		if (config) {
			const run = { env, ambient, deadline, signal, evidence: findings.evidence };
			const examination = { options, config, run, findings, targets };
			const failedAt = roles.includes("chat") ? await examineChat(examination) : undefined;
			const space = roles.includes("embedding") ? await examineEmbedding(examination, failedAt) : undefined;
			if (roles.includes("storage") && options.depth !== "connection")
				await examineStorage(examination, space);
		} else
			for (const role of roles.filter((each) => each !== "configuration" && each !== "mcp"))
				findings.add(role, providerCheck(role), skipped("Not checked: the settings are not valid."));
		if (roles.includes("mcp") && options.mcp)
			findings.add("mcp", { stage: "tools", title: "MCP server answers" }, await options.mcp(signal));
	} catch (error) {
		if (!signal.aborted) throw error;
		if (!cancelled?.aborted) {
			const seen = `The checks were stopped after ${(wholeRun * deadline) / 1000} s.`;
			const fixes = [advice("See the findings above, and run the checks again")];
			const result = warning(seen, "Several of them used up their time.", fixes);
			findings.add("configuration", { stage: "time", title: "All checks were made in time" }, result);
		}
	}
	const ofTargets = <T>(value: (target: Target) => T) =>
		Object.fromEntries(Object.entries(targets).map(([role, target]) => [role, value(target)]));
	return {
		startedAt,
		duration: Math.round(performance.now() - begun),
		findings: findings.all,
		families: ofTargets(({ family }) => family),
		endpoints: mapTexts(
			ofTargets(({ endpoint }) => ({ url: endpoint.baseUrl, model: endpoint.model })),
			redact,
		),
		cancelled: cancelled?.aborted ?? false,
	};
}

interface Examination {
	readonly options: ExamineOptions;
	readonly config: Config;
	readonly run: Run;
	readonly findings: Findings;
	/** The endpoints examined so far. */
	readonly targets: Partial<Record<EndpointRole, Target>>;
}

/** @returns the stage that failed. */
async function examineChat({ options, config: { llm }, run, findings, targets }: Examination) {
	if (!llm) {
		findings.add("chat", providerCheck("chat"), skipped("None is configured: texts are kept word for word."));
		return undefined;
	}
	const full = options.depth !== "connection";
	if (llm.provider === "vscode")
		return full ? runChecks("chat", [hostModel], { model: options.hostModel, run }, findings) : undefined;
	const target = createTarget("chat", llm, run);
	targets.chat = target;
	const checks = [...connectionChecks, ...modelChecks, ...(full ? chatChecks : [])];
	return runChecks("chat", checks, target, findings);
}

/** @returns the space of the vectors, if they are sound. */
async function examineEmbedding(
	{ options, config: { embedding }, run, findings, targets }: Examination,
	chatFailedAt: string | undefined,
): Promise<EmbeddingSpace | undefined> {
	if (!embedding) {
		const result = ok("The built-in model on this machine; nothing is sent anywhere.");
		findings.add("embedding", providerCheck("embedding"), result);
		return undefined;
	}
	const target = createTarget("embedding", embedding, run);
	targets.embedding = target;
	const checks = [...modelChecks, ...(options.depth === "connection" ? [] : embeddingChecks)];
	const { chat } = targets;
	if (chat && sameServer(chat.endpoint, embedding)) {
		target.answers = chat.answers;
		target.family = chat.family;
		target.way = chat.way;
		const unusable =
			connectionChecks.some(({ stage }) => stage === chatFailedAt) ||
			(chatFailedAt === "models" && chat.models === undefined);
		const result = unusable
			? skipped("Not checked: it is the language model's endpoint; see the finding above.")
			: ok("As for the language model: it is the same endpoint.");
		for (const check of unusable ? [...connectionChecks, ...checks] : connectionChecks)
			if (check.applies?.(target) !== false) findings.add("embedding", check, result);
		if (!unusable) await runChecks("embedding", checks, target, findings);
	} else await runChecks("embedding", [...connectionChecks, ...checks], target, findings);
	const [vector] = target.vectors ?? [];
	if (!vector) return undefined;
	const { provider, model, dimensions = vector.length } = embedding;
	return { provider, origin: target.origin, model, dimensions };
}

async function examineStorage(
	{ options: { bundles, hostModel: model }, config, run, findings }: Examination,
	measured: EmbeddingSpace | undefined,
): Promise<void> {
	const { createStorageTarget } = await import("./checks/storage/storageTarget.ts");
	const modelsFail = findings.all.some(
		({ role, status }) => status === "failed" && (role === "chat" || role === "embedding"),
	);
	const space = config.embedding ? measured : builtinSpace;
	const target = createStorageTarget({ config, run, space, bundles, hostModel: model, modelsFail });
	await runChecks("storage", await storageChecks(), target, findings);
}

function sameServer(a: HttpEndpoint, b: HttpEndpoint): boolean {
	const server = (endpoint: HttpEndpoint) =>
		JSON.stringify([endpoint.provider, endpoint.baseUrl, requestHeaders(endpoint)]);
	return server(a) === server(b);
}
