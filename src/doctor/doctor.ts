import type { Config } from "../config/config.ts";
import { prefixesInSpace } from "../config/embeddingPrefixes.ts";
import { type EndpointRole, type HttpEndpoint, httpOnly, serversOf, urlsOf } from "../config/endpoints.ts";
import { redactor } from "../config/redact.ts";
import type { ConfigNotice } from "../config/remarks.ts";
import { secretsIn } from "../config/secrets.ts";
import type { Source } from "../config/sources.ts";
import type { Environment } from "../config/variables.ts";
import { builtinSpace } from "../endpoints/builtin/embedder.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import { spaceModel } from "../endpoints/openai/modelNames.ts";
import { requestHeaders } from "../endpoints/openai/requestHeaders.ts";
import { withToken } from "../memory/borrowedSecrets.ts";
import type { Bundles } from "../memory/openMemory.ts";
import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import { hostModel } from "./checks/chat/hostModel.ts";
import { checkConfiguration } from "./checks/configuration.ts";
import { auth } from "./checks/endpoint/auth.ts";
import { baseUrl } from "./checks/endpoint/baseUrl.ts";
import {
	chatChecks,
	connectionChecks,
	embeddingChecks,
	modelChecks,
	serverChecks,
	storageChecks,
	transportChecks,
} from "./checks/registry.ts";
import { checkServers, type ExaminedServer } from "./checks/servers.ts";
import {
	atServer,
	type Check,
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
import type { Run } from "./run.ts";
import { createTarget, type EmbeddingTarget, type Target } from "./target.ts";
import { type Client, chatClient, embeddingClient } from "./trial.ts";

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
	/** Examines the configuration of the user's agents; without it, it is not looked at. */
	readonly agents?: (findings: Findings, signal: AbortSignal) => Promise<void>;
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
	const servers = [httpOnly(config?.llm), config?.embedding].map((each) => (each ? urlsOf(each).length : 1));
	const wholeTime = wholeRun * deadline * Math.max(...servers);
	const over = AbortSignal.timeout(wholeTime);
	const signal = cancelled ? AbortSignal.any([cancelled, over]) : over;
	const targets: Partial<Record<EndpointRole, Target>> = {};
	try {
		if (config) {
			const asksModels = options.depth !== "connection";
			const run = { ambient, deadline, signal, asksModels, evidence: findings.evidence };
			const examination = { options, config, run, findings, targets };
			const server = withToken(config);
			if (server) {
				const { examineTeam } = await import("./checks/team/examineTeam.ts");
				await examineTeam(server, config.memoryDir, run, roles, findings);
			} else await examineOwn(examination, roles);
		} else
			for (const role of roles.filter((each) => !["configuration", "mcp", "agents"].includes(each)))
				findings.add(role, providerCheck(role), skipped("Not checked: the settings are not valid."));
		if (roles.includes("mcp") && options.mcp)
			findings.add("mcp", { stage: "tools", title: "Tools of the MCP server" }, await options.mcp(signal));
		if (roles.includes("agents")) await options.agents?.(findings, signal);
	} catch (error) {
		if (!signal.aborted) throw error;
		if (!cancelled?.aborted) {
			const seen = `The checks were stopped after ${wholeTime / 1000} s.`;
			const fixes = [advice("See the findings above, and run the checks again")];
			const result = warning(seen, "Several of them used up their time.", fixes);
			findings.add("configuration", { stage: "time", title: "Time for the checks" }, result);
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
			ofTargets(({ servers, endpoint }) => ({ url: servers.join(", "), model: endpoint.model })),
			redact,
		),
		cancelled: cancelled?.aborted ?? false,
	};
}

/** The endpoints that this machine asks, and its database. */
async function examineOwn(examination: Examination, roles: readonly FindingRole[]): Promise<void> {
	const chat = roles.includes("chat") ? await examineChat(examination) : [];
	const space = roles.includes("embedding") ? await examineEmbedding(examination, chat) : undefined;
	if (roles.includes("storage") && examination.options.depth !== "connection")
		await examineStorage(examination, space);
}

interface Examination {
	readonly options: ExamineOptions;
	readonly config: Config;
	readonly run: Run;
	readonly findings: Findings;
	/** The endpoints examined so far; of one with several servers, the first. */
	readonly targets: Partial<Record<EndpointRole, Target>>;
}

/** @returns the servers. */
async function examineChat(examination: Examination): Promise<readonly ExaminedServer[]> {
	const { options, config, run, findings } = examination;
	const { llm } = config;
	const full = options.depth !== "connection";
	const checks = [...connectionChecks, ...modelChecks, ...(full ? chatChecks : [])];
	if (!llm)
		findings.add("chat", providerCheck("chat"), skipped("None is configured: texts are kept word for word."));
	else if (llm.provider !== "vscode")
		return examineServers(
			"chat",
			llm,
			examination,
			(server) => chatClient(server, run),
			(target, found) => runChecks("chat", checks, target, found),
		);
	else if (full) await runChecks("chat", [hostModel], { model: options.hostModel, run }, findings);
	return [];
}

/** @returns the space of the vectors, if they are sound. */
async function examineEmbedding(
	examination: Examination,
	chat: readonly ExaminedServer[],
): Promise<EmbeddingSpace | undefined> {
	const { embedding } = examination.config;
	if (!embedding) {
		const result = ok("The built-in model on this machine; nothing is sent anywhere.");
		examination.findings.add("embedding", providerCheck("embedding"), result);
		return undefined;
	}
	const { options, run } = examination;
	const checks = [...modelChecks, ...(options.depth === "connection" ? [] : embeddingChecks)];
	const servers = await examineServers(
		"embedding",
		embedding,
		examination,
		(server) => embeddingClient(server, run),
		(target, found) => {
			const same = chat.find((each) => sameServer(each.target.endpoint, target.endpoint));
			return same
				? examineKnownServer(same, checks, target, found)
				: runChecks("embedding", [...connectionChecks, ...checks], target, found);
		},
	);
	const examined = servers.map(({ target }) => target).find(({ vectors }) => vectors?.[0] !== undefined);
	const [vector] = examined?.vectors ?? [];
	if (!vector) return undefined;
	const { provider, dimensions = vector.length } = embedding;
	const { origin } = new URL(embedding.baseUrl);
	const model = spaceModel(embedding, examined?.client.learned().answeredBy);
	return { provider, origin, model, dimensions, ...prefixesInSpace(embedding.prefixes) };
}

/** What is known of the language model's server is not asked again. @returns the stage that failed. */
async function examineKnownServer(
	{ target: chat, failedAt }: ExaminedServer,
	checks: readonly Check<EmbeddingTarget>[],
	target: EmbeddingTarget,
	findings: Findings,
): Promise<string | undefined> {
	const all = [...connectionChecks, ...checks];
	const applying = (each: readonly Check<EmbeddingTarget>[]) =>
		each.filter((check) => check.applies?.(target) !== false);
	target.list = chat.list;
	target.way = chat.way;
	const unreached = transportChecks.some(({ stage }) => stage === failedAt);
	const refused = failedAt === "path" || failedAt === "auth";
	if (unreached || (refused && (await target.client.trial()).error)) {
		const result = skipped("Not checked: it is the language model's endpoint; see the finding above.");
		for (const check of applying(all)) findings.add("embedding", check, result);
		return failedAt;
	}
	const isPath = (id: string) => id === "chat.path" || id === `chat.path@${chat.host}`;
	if (!findings.all.some(({ id, status }) => isPath(id) && status === "ok"))
		return runChecks("embedding", all, target, findings);
	target.family = chat.family;
	const result = ok("As for the language model: it is the same endpoint.");
	for (const check of applying([...transportChecks, baseUrl])) findings.add("embedding", check, result);
	return runChecks("embedding", [auth, ...checks], target, findings);
}

/** Examines each server of an endpoint. @param examineServer returns the stage that failed. */
async function examineServers<E extends HttpEndpoint, C extends Client>(
	role: EndpointRole,
	endpoint: E,
	{ run, findings, targets }: Examination,
	clientOf: (server: E) => C,
	examineServer: (target: Target<E, C>, findings: Findings) => Promise<string | undefined>,
): Promise<readonly (ExaminedServer & { readonly target: Target<E, C> })[]> {
	const urls = urlsOf(endpoint);
	const examined: (ExaminedServer & { readonly target: Target<E, C> })[] = [];
	for (const server of serversOf(endpoint)) {
		const target = createTarget(role, server, run, clientOf(server), urls);
		targets[role] ??= target;
		const { host } = target;
		const name = urls.filter((url) => new URL(url).host === host).length > 1 ? server.baseUrl : host;
		const found = urls.length > 1 ? atServer(findings, name) : findings;
		examined.push({ target, failedAt: await examineServer(target, found) });
	}
	if (urls.length > 1) findings.add(role, { stage: "servers", title: "Servers" }, checkServers(examined));
	return examined;
}

async function examineStorage(
	{ options: { bundles, hostModel: model }, config, run, findings, targets: { chat } }: Examination,
	measured: EmbeddingSpace | undefined,
): Promise<void> {
	const { createStorageTarget } = await import("./checks/storage/storageTarget.ts");
	const modelsFail = findings.all.some(
		({ role, status }) => status === "failed" && (role === "chat" || role === "embedding"),
	);
	const space = config.embedding ? measured : builtinSpace;
	const target = createStorageTarget({ config, run, space, chat, bundles, hostModel: model, modelsFail });
	await runChecks("storage", await (config.database ? serverChecks() : storageChecks()), target, findings);
}

function sameServer(a: HttpEndpoint, b: HttpEndpoint): boolean {
	const server = (endpoint: HttpEndpoint) =>
		JSON.stringify([endpoint.provider, endpoint.baseUrl, requestHeaders(endpoint)]);
	return server(a) === server(b);
}
