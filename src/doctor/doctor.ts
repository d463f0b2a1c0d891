import type { Config } from "../config/config.ts";
import type { ChatEndpoint, HttpEndpoint } from "../config/endpoints.ts";
import type { Environment } from "../config/variables.ts";
import { builtinSpace } from "../endpoints/builtin/embedder.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import { requestHeaders } from "../endpoints/openai/requestHeaders.ts";
import type { Bundles } from "../memory/openMemory.ts";
import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import { type Access, checkAccess, stagesOf } from "./checks/access.ts";
import { checkChat } from "./checks/chat.ts";
import { checkConfiguration } from "./checks/configuration.ts";
import { checkEmbeddings } from "./checks/embeddings.ts";
import { checkHostModel } from "./checks/hostModel.ts";
import { checkModel } from "./checks/models.ts";
import { type CheckResult, connectionStages, Findings, type Stage } from "./findings.ts";
import { secretsIn } from "./output/redact.ts";
import type { Finding, FindingRole, Report, ServerFamily } from "./report.ts";
import { Target } from "./target.ts";

export interface ExamineOptions {
	/** Values of the variables as they were given, valid or not; keys too. */
	readonly env: Environment;
	/** Where `OPENAI_API_KEY` and `${env:NAME}` in headers are looked up. Default: `env`. */
	readonly ambient?: Environment;
	/** Whether each key is for the origin it was given for and no other, as in VS Code; see `readConfig`. */
	readonly boundKeys?: boolean;
	/** Default: all. */
	readonly roles?: readonly FindingRole[];
	/** `connection`: endpoints up to their list of models, so that no tokens are spent. */
	readonly depth?: "connection" | "full";
	/** ms a check may take; the configured time when absent. */
	readonly deadline?: number;
	readonly signal?: AbortSignal;
	readonly onFinding?: (finding: Finding) => void;
	/** For the round trip; without it, there is none. */
	readonly bundles?: Bundles;
	/** The language model for `LLM_PROVIDER=vscode`. */
	readonly hostModel?: ChatModel | undefined;
	/** Lists the tools of the MCP server through a real client; without it, that is not checked. */
	readonly mcp?: (signal: AbortSignal) => Promise<CheckResult>;
}

const everything: readonly FindingRole[] = ["configuration", "llm", "embedding", "storage", "mcp"];
const defaultDeadline = 10_000;
/** So many checks may use up their time before the run as a whole is over. */
const wholeRun = 6;

/**
 * Examines configuration, endpoints, storage and MCP server from the outside, one check after another. What fails is
 * a finding, never an exception; nothing of a real memory is sent anywhere.
 */
export async function examine(options: ExamineOptions): Promise<Report> {
	const { env, ambient = env, roles = everything, onFinding, signal: cancelled } = options;
	const startedAt = Date.now();
	const begun = performance.now();
	const findings = new Findings(secretsIn(env, ambient), onFinding);
	const { config, findings: found } = checkConfiguration(env, ambient, options.boundKeys);
	if (roles.includes("configuration") || !config)
		for (const each of found) findings.add("configuration", each.name, each.title, each);

	const deadline = options.deadline ?? config?.diagnosticsTimeout ?? defaultDeadline;
	const over = AbortSignal.timeout(wholeRun * deadline);
	const signal = cancelled ? AbortSignal.any([cancelled, over]) : over;
	const run = { env, ambient, deadline, signal };
	const families: { llm?: ServerFamily; embedding?: ServerFamily } = {};
	try {
		if (config) await new Examination(options, config, run, findings, families, roles).all();
		else skipAll(roles, findings);
		if (roles.includes("mcp") && options.mcp)
			findings.add("mcp", "tools", "MCP server answers", await options.mcp(signal));
	} catch (error) {
		if (!signal.aborted) throw error;
		if (!cancelled?.aborted)
			findings.add("configuration", "time", "All checks were made in time", {
				status: "warning",
				seen: `The checks were stopped after ${(wholeRun * deadline) / 1000} s.`,
				cause: "Several of them used up their time.",
				fixes: [{ kind: "advice", label: "See the findings above, and run the checks again" }],
			});
	}
	return {
		startedAt,
		duration: Math.round(performance.now() - begun),
		findings: findings.all,
		families,
		endpoints: config ? endpointsOf(config) : {},
		cancelled: cancelled?.aborted ?? false,
	};
}

class Examination {
	readonly #options: ExamineOptions;
	readonly #config: Config;
	readonly #run: Target["run"];
	readonly #findings: Findings;
	readonly #families: { llm?: ServerFamily; embedding?: ServerFamily };
	readonly #roles: readonly FindingRole[];

	constructor(
		options: ExamineOptions,
		config: Config,
		run: Target["run"],
		findings: Findings,
		families: { llm?: ServerFamily; embedding?: ServerFamily },
		roles: readonly FindingRole[],
	) {
		this.#options = options;
		this.#config = config;
		this.#run = run;
		this.#findings = findings;
		this.#families = families;
		this.#roles = roles;
	}

	async all(): Promise<void> {
		const has = (role: FindingRole) => this.#roles.includes(role);
		const llm = has("llm") ? await this.#llm() : undefined;
		const embedding = has("embedding") ? await this.#embedding(llm) : undefined;
		if (!has("storage") || this.#options.depth === "connection") return;
		await this.#roundTrip();
		const { checkStorage } = await import("./checks/storage.ts");
		const space = this.#config.embedding ? embedding : builtinSpace;
		await checkStorage(this.#config, this.#findings, this.#run, space);
	}

	async #llm(): Promise<Access | undefined> {
		const { llm } = this.#config;
		const findings = this.#findings;
		if (!llm) {
			findings.add("llm", "provider", "Language model", {
				status: "skipped",
				seen: "None is configured: texts are kept word for word.",
			});
			return undefined;
		}
		if (llm.provider === "vscode") {
			if (this.#options.depth !== "connection")
				findings.add(
					"llm",
					"chat",
					"Language model: model answers",
					await checkHostModel(this.#options.hostModel, this.#run),
				);
			return undefined;
		}
		const target = new Target("llm", llm, this.#run);
		const access = await checkAccess(target, findings, this.#stages("llm"));
		this.#families.llm = access.family;
		if (!access.stopped && this.#options.depth !== "connection")
			await checkChat(llm as ChatEndpoint, { target, ...access }, findings);
		return access;
	}

	/** @returns the space of the vectors, where they are sound. */
	async #embedding(ofLlm: Access | undefined): Promise<EmbeddingSpace | undefined> {
		const { llm, embedding } = this.#config;
		const findings = this.#findings;
		if (!embedding) {
			findings.add("embedding", "provider", "Embeddings", {
				status: "ok",
				seen: "The built-in model on this machine; nothing is sent anywhere.",
			});
			return undefined;
		}
		const target = new Target("embedding", embedding, this.#run);
		const shared =
			ofLlm && llm && llm.provider !== "vscode" && sameServer(llm, embedding) ? ofLlm : undefined;
		const access = shared
			? await this.#shared(target, shared)
			: await checkAccess(target, findings, this.#stages("embedding"));
		this.#families.embedding = access.family;
		if (access.stopped || this.#options.depth === "connection") return undefined;
		const dimensions = await checkEmbeddings(embedding, { target, ...access }, findings);
		return dimensions === undefined
			? undefined
			: { provider: embedding.provider, origin: target.origin, model: embedding.model, dimensions };
	}

	/** What was found of the language model's endpoint holds for embeddings at the same one. */
	async #shared(target: Target, ofLlm: Access): Promise<Access> {
		const stages = connectionStages.filter(
			(stage) => stage !== "models" && this.#findings.all.some(({ id }) => id === `llm.${stage}`),
		);
		const { stopped } = ofLlm;
		if (stopped && (stages as readonly Stage[]).includes(stopped)) {
			this.#findings.skip(
				"embedding",
				[...stages, "models", ...this.#stages("embedding")],
				"Not checked: it is the language model's endpoint, of which a finding tells above.",
			);
			return ofLlm;
		}
		for (const stage of stages)
			this.#findings.stage(
				"embedding",
				stage,
				{ status: "ok", seen: "As for the language model: it is the same endpoint." },
				0,
			);
		const { stopped: _, ...rest } = ofLlm;
		if (stopped === "models" && ofLlm.models === undefined) {
			this.#findings.skip(
				"embedding",
				["models", ...this.#stages("embedding")],
				"Not checked: the server cannot be used now.",
			);
			return ofLlm;
		}
		const draft = await checkModel(
			target,
			ofLlm.family === "openrouter" ? undefined : ofLlm.models,
			ofLlm.family,
		);
		this.#findings.stage("embedding", "models", draft);
		if (draft.status !== "failed") return rest;
		this.#findings.skip(
			"embedding",
			this.#stages("embedding"),
			"Not checked: an earlier finding explains it.",
		);
		return { ...rest, stopped: "models" };
	}

	#stages(role: "llm" | "embedding"): readonly Stage[] {
		return this.#options.depth === "connection" ? [] : stagesOf(role);
	}

	async #roundTrip(): Promise<void> {
		const { bundles, hostModel } = this.#options;
		if (!bundles) return;
		const title = "A probe memory is saved, found and deleted";
		const broken = this.#findings.all.some(
			({ role, status }) => status === "failed" && (role === "llm" || role === "embedding"),
		);
		const { checkRoundTrip } = await import("./checks/roundTrip.ts");
		const draft: CheckResult = broken
			? { status: "skipped", seen: "Not checked: an earlier finding explains it." }
			: await checkRoundTrip({ config: this.#config, bundles, hostModel, ...this.#run });
		this.#findings.add("storage", "round-trip", title, draft);
	}
}

function skipAll(roles: readonly FindingRole[], findings: Findings): void {
	const titles = { llm: "Language model", embedding: "Embeddings", storage: "Storage" } as const;
	for (const role of ["llm", "embedding", "storage"] as const)
		if (roles.includes(role))
			findings.add(role, "provider", titles[role], {
				status: "skipped",
				seen: "Not checked: the settings are not valid.",
			});
}

function sameServer(a: HttpEndpoint, b: HttpEndpoint): boolean {
	const same = (endpoint: HttpEndpoint) =>
		JSON.stringify([endpoint.provider, endpoint.baseUrl, requestHeaders(endpoint)]);
	return same(a) === same(b);
}

function endpointsOf({ llm, embedding }: Config): Report["endpoints"] {
	return {
		...(llm && llm.provider !== "vscode" ? { llm: { url: llm.baseUrl, model: llm.model } } : {}),
		...(embedding ? { embedding: { url: embedding.baseUrl, model: embedding.model } } : {}),
	};
}
