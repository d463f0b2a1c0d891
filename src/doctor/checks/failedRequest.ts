import { isWebPage } from "../../endpoints/openai/serverMessage.ts";
import type { CheckResult } from "../findings.ts";
import { type Answer, type Failure, failed } from "../probe.ts";
import type { Fix, ServerFamily } from "../report.ts";
import { isError, type Target } from "../target.ts";
import { checkKey } from "./authentication.ts";
import { missingModel, modelNames } from "./models.ts";

export interface Asked {
	readonly target: Target;
	readonly family: ServerFamily;
	readonly models: readonly Readonly<Record<string, unknown>>[] | undefined;
}

const advice = (label: string): Fix => ({ kind: "advice", label });

/** Whether a request to a model came to what it should. */
export function succeeded(outcome: Answer | Failure): outcome is Answer {
	return !failed(outcome) && outcome.status === 200 && !isError(outcome) && !isWebPage(outcome.body);
}

/** Why a request to a model came to nothing. */
export async function explainFailedRequest(
	{ target, family, models }: Asked,
	outcome: Answer | Failure,
	texts: readonly string[],
): Promise<CheckResult> {
	const { role, host, run, requestUrl, openUrl } = target;
	const what = role === "chat" ? "The model" : "The embedding model";
	const evidence = [target.evidence("POST", requestUrl, outcome)];
	const elsewhere: readonly Fix[] = role === "embedding" ? [target.useBuiltin, openUrl] : [openUrl];
	const draft = (seen: string, cause: string, fixes: readonly Fix[]): CheckResult => ({
		status: "failed",
		seen,
		cause,
		fixes,
		evidence,
	});
	if (failed(outcome)) {
		if (outcome.code !== "TIMEOUT")
			return draft(
				`${host} broke off the connection ${outcome.phase === "body" ? "within the answer" : "without an answer"} (${outcome.code}).`,
				"The server crashed, or something between it and this machine cut the connection.",
				[advice("Look into the server's own log")],
			);
		return draft(
			`${what} ${outcome.phase === "body" ? "began to answer, and did not end" : "did not answer"} within ${run.deadline / 1000} s.`,
			"It is still being loaded, is busy, or is too slow for this machine.",
			[
				advice("Wait until it has loaded, and run the check again"),
				{ kind: "open-setting", label: "Allow more time for a check", variable: "DIAGNOSTICS_TIMEOUT" },
			],
		);
	}
	if (isWebPage(outcome.body))
		return draft(
			`${requestUrl} answered with a web page (HTTP ${outcome.status}).`,
			"A proxy or gateway answers in the server's place.",
			[openUrl],
		);
	const error = target.errorOf(outcome, requestUrl, texts);
	const said = error.said ? ` It said: “${error.said}”.` : "";
	const seen = `${host} answered with HTTP ${outcome.status}.${said}`;
	const names = modelNames(models ?? []);
	if (role === "embedding") {
		const draftOfEmbeddings = notForEmbeddings(error.said ?? "", outcome.status, family, target);
		if (draftOfEmbeddings) return draft(seen, draftOfEmbeddings.cause, draftOfEmbeddings.fixes);
	}
	switch (error.kind) {
		case "unauthorized":
			return checkKey(target, outcome, family, "request");
		case "payment":
			return draft(seen, "The account has no credit or quota left.", [
				advice("Add credit, or choose another endpoint"),
			]);
		case "model-not-found":
			return missingModel(target, names, family, error, evidence);
		case "not-found":
			return draft(
				seen,
				`The server does not know ${new URL(requestUrl).pathname}: it offers no ${role === "chat" ? "chat completions" : "embeddings"}.`,
				elsewhere,
			);
		case "rate-limited":
			return draft(seen, "The server limits how often it is asked.", [
				advice("Wait a moment, and run the check again"),
			]);
		case "loading":
			return draft(seen, "The server is still loading its model.", [
				advice("Wait until it has loaded, and run the check again"),
			]);
		case "server-error":
		case "timeout":
			return draft(seen, "The server, or what it stands before, fails.", [
				advice("Look into the server's own log"),
			]);
		default:
			return draft(seen, "The server refuses the request.", [
				{
					kind: "open-setting",
					label: `Choose another model in ${target.modelVariable}`,
					variable: target.modelVariable,
				},
				...elsewhere,
			]);
	}
}

/** A server or model that makes no vectors, and how each family is made to. */
function notForEmbeddings(
	said: string,
	status: number,
	family: ServerFamily,
	target: Target,
): { readonly cause: string; readonly fixes: readonly Fix[] } | undefined {
	const { endpoint, modelVariable, useBuiltin, openUrl } = target;
	if (/pooling type 'none'/i.test(said))
		return {
			cause:
				"The model is served without pooling, so that it has a vector for each token and none for a text.",
			fixes: [advice("Start llama.cpp with --pooling mean (or what the model's card says)"), useBuiltin],
		};
	const refused =
		status === 501 ||
		/not support(ed)? (the )?embeddings|support embeddings|not embedding|not allowed to generate embeddings|embeddings operation does not work|Unimplemented/i.test(
			said,
		);
	if (!refused) return undefined;
	const how: Partial<Record<ServerFamily, string>> = {
		llamacpp: "Start llama.cpp with --embeddings",
		vllm: "Start vLLM with an embedding model",
		ollama: "ollama pull nomic-embed-text",
		localai: "Set embeddings: true in the model's YAML file",
		lmstudio: "Load an embedding model in LM Studio",
	};
	const advised = how[family];
	return {
		cause: `${endpoint.model} is served for chat, not for embeddings.`,
		fixes: [
			...(advised ? [advice(advised)] : []),
			useBuiltin,
			{
				kind: "open-setting",
				label: `Choose an embedding model in ${modelVariable}`,
				variable: modelVariable,
			},
			openUrl,
		],
	};
}
