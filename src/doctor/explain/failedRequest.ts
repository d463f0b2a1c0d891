import type { EndpointError, EndpointErrorKind, VectorFault } from "../../endpoints/endpointError.ts";
import { families } from "../../endpoints/openai/families.ts";
import { type CheckResult, failure, warning } from "../findings.ts";
import { advice, moreTime, openSetting, seeServerLog, useBuiltin } from "../fixes.ts";
import type { Fix } from "../report.ts";
import type { Target } from "../target.ts";
import type { FailedAttempt } from "../trial.ts";
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
};

/** Why the memory's own request to a model failed. */
export function explainFailedRequest(
	target: Target,
	{ error, late }: FailedAttempt,
): Promise<CheckResult> | CheckResult {
	const { role, host, openUrl, chooseModel, run } = target;
	const { kind, status, serverMessage, what } = error;
	const quote = serverMessage ? ` It said: “${serverMessage}”.` : "";
	const seen = `${host} ${status === undefined ? what : `answered with HTTP ${status}`}.${quote}`;
	const result = (cause: string, ...fixes: readonly Fix[]) => failure(seen, cause, fixes);
	const elsewhere = role === "embedding" ? [useBuiltin, openUrl] : [openUrl];
	if (kind === "timeout" && status === undefined) {
		const model = role === "chat" ? "The model" : "The embedding model";
		const cause = "It is still being loaded, is busy, or is too slow for this machine.";
		const text = `${model} did not answer within ${run.deadline / 1000} s.`;
		if (!late) return failure(text, cause, [waitForModel, moreTime]);
		return warning(text, `${cause} Saves wait longer for it.`, [waitForModel, moreTime]);
	}
	const known = (role === "embedding" ? notForEmbeddings(target, error) : undefined) ?? causes[kind];
	if (known) return result(...known);
	switch (kind) {
		case "timeout":
			return result(...serverFails);
		case "connection-lost":
		case "unreachable": {
			const cause = "The server crashed, or something between it and this machine cut the connection.";
			return result(cause, seeServerLog, openUrl);
		}
		case "unauthorized":
			return explainRefusedKey(target, error);
		case "model-not-found":
			return explainMissingModel(target, error);
		case "no-api": {
			const cause = "A proxy, a gateway or another program answers in the server's place.";
			return result(cause, ...elsewhere, chooseModel);
		}
		case "not-found": {
			const operation = role === "chat" ? "chat completions" : "embeddings";
			const { pathname } = new URL(target.requestUrl);
			return result(`The server does not know ${pathname}: it offers no ${operation}.`, ...elsewhere);
		}
		case "bad-vectors":
			return failure(`The server ${what}.`, causesOfBadVectors[error.vectorFault ?? "shape"], [
				chooseModel,
				useBuiltin,
			]);
		default:
			return result("The server refuses the request.", chooseModel, ...elsewhere);
	}
}

const causesOfBadVectors: Readonly<Record<VectorFault, string>> = {
	missing: "The server leaves out texts of a batch.",
	zeros: "The model is not made for embeddings, or the server hides an error behind zeros.",
	nan: "The model's numbers overflow, because of a wrong precision (float16) or a damaged file.",
	shape: "The answer is not that of an OpenAI-compatible embeddings endpoint.",
};

/** Whether a server or model makes no vectors, and how to change that. */
function notForEmbeddings(
	{ endpoint, family, modelVariable, openUrl }: Target,
	{ serverMessage = "", status }: EndpointError,
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
