import type { EndpointError, EndpointErrorKind } from "../../endpoints/endpointError.ts";
import { isWebPage } from "../../endpoints/openai/answerBody.ts";
import { families } from "../../endpoints/openai/families.ts";
import { type CheckResult, failure } from "../findings.ts";
import { advice, moreTime, openSetting, seeServerLog, useBuiltin } from "../fixes.ts";
import { type Answer, type Failure, failed } from "../probe.ts";
import type { Fix } from "../report.ts";
import type { Target } from "../target.ts";
import { explainBrokenConnection } from "./brokenConnection.ts";
import { explainMissingModel } from "./missingModel.ts";
import { explainRefusedKey } from "./refusedKey.ts";

const waitForModel = advice("Wait until it has loaded, and run the check again");

type Explanation = readonly [cause: string, ...fixes: readonly Fix[]];

const serverFails = ["The server, or one behind it, fails.", seeServerLog] as const;

/** Of errors that have the same cause and fix on every server. */
const causes: Readonly<Partial<Record<EndpointErrorKind, Explanation>>> = {
	payment: ["The account has no credit or quota left.", advice("Add credit, or choose another endpoint")],
	"rate-limited": [
		"The server limits how often it can be asked.",
		advice("Wait a moment, and run the check again"),
	],
	loading: ["The server is still loading its model.", waitForModel],
	"server-error": serverFails,
	timeout: serverFails,
};

/**
 * Why a request to a model failed.
 * @param texts in the request; what the server quotes of them is not repeated.
 */
export function explainFailedRequest(
	target: Target,
	outcome: Answer | Failure,
	texts: readonly string[] = [],
): Promise<CheckResult> | CheckResult {
	const { role, host, requestUrl, openUrl, chooseModel } = target;
	if (failed(outcome)) {
		if (outcome.code !== "TIMEOUT") return explainBrokenConnection(target, outcome);
		const model = role === "chat" ? "The model" : "The embedding model";
		const how = outcome.phase === "body" ? "began to answer, and did not end" : "did not answer";
		return failure(
			`${model} ${how} within ${target.run.deadline / 1000} s.`,
			"It is still being loaded, is busy, or is too slow for this machine.",
			[waitForModel, moreTime],
		);
	}
	const { status, body } = outcome;
	if (isWebPage(body))
		return failure(
			`${requestUrl} answered with a web page (HTTP ${status}).`,
			"A proxy or gateway answers in the server's place.",
			[openUrl],
		);
	const error = target.errorOf(outcome, texts);
	const result = (cause: string, ...fixes: readonly Fix[]) =>
		failure(`${host} answered with HTTP ${status}.${target.quote(outcome, texts)}`, cause, fixes);
	const elsewhere = role === "embedding" ? [useBuiltin, openUrl] : [openUrl];
	const noEmbeddings = role === "embedding" ? notForEmbeddings(target, error, status) : undefined;
	const known = noEmbeddings ?? causes[error.kind];
	if (known) return result(...known);
	switch (error.kind) {
		case "unauthorized":
			return explainRefusedKey(target, outcome, "POST");
		case "model-not-found":
			return explainMissingModel(target, error);
		case "not-found": {
			const operation = role === "chat" ? "chat completions" : "embeddings";
			const { pathname } = new URL(requestUrl);
			return result(`The server does not know ${pathname}: it offers no ${operation}.`, ...elsewhere);
		}
		default:
			return result("The server refuses the request.", chooseModel, ...elsewhere);
	}
}

/** Whether a server or model makes no vectors, and how to change that. */
function notForEmbeddings(
	{ endpoint, family, modelVariable, openUrl }: Target,
	{ serverMessage = "" }: EndpointError,
	status: number,
): Explanation | undefined {
	const { enableEmbeddings } = families[family];
	const { enablePooling } = families.llamacpp;
	if (/pooling type 'none'/i.test(serverMessage))
		return [
			"The server runs the model without pooling: it makes a vector for each token, and none for a text.",
			...(enablePooling ? [advice(enablePooling)] : []),
			useBuiltin,
		];
	const refused =
		status === 501 ||
		/not support(ed)? (the )?embeddings|support embeddings|not embedding|not allowed to generate embeddings|embeddings operation does not work|Unimplemented/i.test(
			serverMessage,
		);
	if (!refused) return undefined;
	return [
		`The server runs ${endpoint.model} for chat, not for embeddings.`,
		...(enableEmbeddings ? [advice(enableEmbeddings)] : []),
		useBuiltin,
		openSetting(modelVariable, `Choose an embedding model in ${modelVariable}`),
		openUrl,
	];
}
