import type { EndpointRole } from "../../config/endpoints.ts";
import { isRecord, isWebPage } from "../../endpoints/openai/serverMessage.ts";
import {
	after,
	chatStages,
	connectionStages,
	embeddingStages,
	type Findings,
	type Stage,
} from "../findings.ts";
import { type Answer, type Failure, failed } from "../probe.ts";
import type { ServerFamily } from "../report.ts";
import { askFamily, familyNames, familyOf, modelsIn } from "../serverFamily.ts";
import { isError, jsonOf, type Target } from "../target.ts";
import { checkKey, refusesKey } from "./authentication.ts";
import { findBaseUrl } from "./baseUrl.ts";
import { explainFailure } from "./connection.ts";
import { checkModel, modelNames } from "./models.ts";

/** How far an endpoint can be used, and what is known of it. */
export interface Access {
	readonly family: ServerFamily;
	/** Entries of the server's list of models; undefined where it has none. */
	readonly models: readonly Readonly<Record<string, unknown>>[] | undefined;
	/** The check that failed, so that the later ones need not be made. */
	readonly stopped?: Stage;
}

export function stagesOf(role: EndpointRole): readonly Stage[] {
	return role === "chat" ? chatStages : embeddingStages;
}

/**
 * From the name to the list of models: whether the endpoint can be used at all. Spends no tokens, unless the chosen
 * model is not in the list.
 * @param later stages that are skipped when one of these fails.
 */
export async function checkAccess(
	target: Target,
	findings: Findings,
	later: readonly Stage[],
): Promise<Access> {
	const { role, endpoint } = target;
	const stages = connectionStages.filter((stage) => stage !== "tls" || endpoint.baseUrl.startsWith("https:"));
	const stop = (stage: Stage, family: ServerFamily, models?: Access["models"]): Access => {
		const skipped = after<Stage>([...stages, ...later], stage);
		findings.skip(role, skipped, "Not checked: an earlier finding explains it.");
		return { family, models, stopped: stage };
	};
	const listed = await target.get(target.modelsUrl());
	const broken = await connectionFindings(target, findings, stages, listed);
	if (broken || failed(listed))
		return stop(broken ?? "path", familyOf(endpoint.provider, endpoint.baseUrl, []));

	// An empty request costs no tokens, and tells whether the path is there and the key is taken: lists of models are
	// at times open to everybody, and at times not there at all.
	const empty = await target.post({});
	const answers = failed(empty) ? [listed] : [listed, empty];
	let family = familyOf(endpoint.provider, endpoint.baseUrl, answers);
	const evidence = [
		target.evidence("GET", target.modelsUrl(), listed, countNote(listed)),
		target.evidence("POST", target.requestUrl, empty, "an empty request"),
	];
	const known =
		isList(listed) ||
		refusesKey(listed) ||
		isServersOwnError(listed) ||
		answers.slice(1).some((answer) => isApi(answer));
	if (!known) {
		findings.stage(role, "path", await findBaseUrl(target, listed, evidence));
		return stop("path", family);
	}
	if (family === "unknown") family = await askFamily(target);
	const who = family === "unknown" ? "an OpenAI-compatible API" : `${familyNames[family]} does`;
	findings.stage(role, "path", { status: "ok", seen: `${endpoint.baseUrl} answers as ${who}.`, evidence });

	const refused = answers.find((answer) => refusesKey(answer));
	if (refused) {
		const where = refused === listed ? "list" : "request";
		findings.stage(role, "auth", await checkKey(target, refused, family, where));
		return stop("auth", family);
	}
	const open = endpoint.apiKey === undefined;
	findings.stage(role, "auth", {
		status: "ok",
		seen: open ? "No key is sent, and none is asked for." : "The server takes the key, or asks for none.",
	});
	const trouble = answers.find((answer) => isServersOwnError(answer) && answer.status !== 500);
	if (trouble) {
		findings.stage(role, "models", troubleDraft(target, trouble));
		return stop("models", family);
	}
	const models = isList(listed) ? await listOf(target, listed, family) : undefined;
	const draft = await checkModel(target, models, family);
	findings.stage(role, "models", draft);
	return draft.status === "failed" ? stop("models", family, models) : { family, models };
}

/** Name, connection and TLS, by how far the first request came. @returns the stage at which it ended, if it did. */
async function connectionFindings(
	target: Target,
	findings: Findings,
	stages: readonly Stage[],
	listed: Answer | Failure,
): Promise<Stage | undefined> {
	const { role } = target;
	const broken = failed(listed)
		? await explainFailure(target, listed, target.evidence("GET", target.modelsUrl(), listed))
		: undefined;
	for (const stage of stages.slice(0, stages.indexOf(broken?.stage ?? "path"))) {
		const seen = reached(stage, target, listed.addresses, listed.protocol);
		findings.stage(role, stage, { status: "ok", seen }, stage === "dns" && !broken ? listed.duration : 0);
	}
	if (broken) findings.stage(role, broken.stage, broken.draft, listed.duration);
	return broken?.stage;
}

function reached(
	stage: Stage,
	{ endpoint, host }: Target,
	addresses: readonly string[],
	protocol: string | undefined,
): string {
	const { hostname } = new URL(endpoint.baseUrl);
	switch (stage) {
		case "dns":
			return addresses.length > 0
				? `${hostname} is ${[...new Set(addresses)].join(", ")}.`
				: `${hostname} needs no look-up.`;
		case "tcp":
			return `${host} accepts connections.`;
		default:
			return `${protocol ?? "TLS"}, with a certificate that is trusted.`;
	}
}

function isList(answer: Answer): boolean {
	const value = jsonOf(answer);
	return answer.status === 200 && (Array.isArray(value) || (isRecord(value) && Array.isArray(value.data)));
}

function countNote(answer: Answer): string {
	return isList(answer) ? `${modelsIn(answer).length} models` : "";
}

/** Busy, loading, out of credit: the path is right, the server cannot do it now. */
function isServersOwnError({ status, body }: Answer): boolean {
	return [402, 429, 500, 502, 503, 504].includes(status) && !isWebPage(body);
}

/** Whether an empty request met something that knows it for a wrong one. */
function isApi(answer: Answer): boolean {
	if (isWebPage(answer.body) || (answer.status >= 300 && answer.status < 400)) return false;
	if (answer.status === 404 || answer.status === 405) return /model|deployment/i.test(answer.body);
	if (answer.status === 200) return !/unexpected endpoint/i.test(answer.body) && isError(answer);
	return true;
}

function troubleDraft(target: Target, answer: Answer) {
	const { kind, said } = target.errorOf(answer, target.modelsUrl());
	const words = said ? ` It said: “${said}”.` : "";
	const [cause, advice] =
		kind === "payment"
			? ["The account has no credit or quota left.", "Add credit, or choose another endpoint"]
			: kind === "rate-limited"
				? ["The server limits how often it is asked.", "Wait a moment, and run the check again"]
				: kind === "loading"
					? ["The server is still loading its model.", "Wait until it has loaded, and run the check again"]
					: ["The server, or what it stands before, fails.", "Look into the server's own log"];
	return {
		status: "failed" as const,
		seen: `${target.host} answered with HTTP ${answer.status}.${words}`,
		cause,
		fixes: [{ kind: "advice" as const, label: advice }],
	};
}

/** OpenRouter lists its embedding models elsewhere. */
async function listOf(target: Target, listed: Answer, family: ServerFamily) {
	if (family === "openrouter" && target.role === "embedding") {
		const answer = await target.get(`${target.endpoint.baseUrl}/embeddings/models`);
		if (!failed(answer) && modelNames(modelsIn(answer)).length > 0) return modelsIn(answer);
		return undefined;
	}
	return modelsIn(listed);
}
