import type { EmbeddingEndpoint } from "../config/endpoints.ts";
import { calibrationTexts } from "../endpoints/calibration.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import { isRecord, jsonOf } from "../endpoints/openai/answerBody.ts";
import { answeringModel } from "../endpoints/openai/modelNames.ts";
import { embeddingForms } from "../endpoints/openai/requestForms.ts";
import { readVectors } from "../endpoints/openai/vectorAnswer.ts";
import { explainFailedRequest } from "./explain/failedRequest.ts";
import { type CheckResult, failure } from "./findings.ts";
import { useBuiltin } from "./fixes.ts";
import { type Answer, type Failure, failed } from "./probe.ts";
import { succeeded, type Target } from "./target.ts";

export type Vectors = readonly Float32Array[];

/** Pairs that say the same in two ways. They say nothing about any user. */
export const texts = calibrationTexts;
export const firstText = texts[0] as string;
export const lastText = texts.at(-1) as string;

/** @param dimensions asks for shorter vectors. */
export async function embed(
	target: Target<EmbeddingEndpoint>,
	input: string | readonly string[],
	dimensions?: number,
): Promise<Answer | Failure> {
	const request = { model: target.endpoint.model, input, dimensions };
	for (;;) {
		const outcome = await target.post(embeddingForms.body(request, target.forms));
		if (failed(outcome) || succeeded(outcome)) return outcome;
		const { parameter } = target.errorOf(outcome, [input].flat());
		const forms =
			parameter === "encoding_format" ? embeddingForms.after(request, target.forms, parameter) : undefined;
		if (!forms) return outcome;
		target.forms = forms;
	}
}

/** The vectors of an answer, or what is wrong with it. */
export async function vectorsOf(target: Target, outcome: Answer | Failure, inputs: readonly string[]) {
	if (!succeeded(outcome)) {
		target.record("POST", outcome);
		return explainFailedRequest(target, outcome, inputs);
	}
	try {
		const answer = jsonOf(outcome.body);
		const read = readVectors(answer, inputs.length, target.requestUrl);
		target.answeredBy = answeringModel(answer);
		return read;
	} catch (error) {
		if (!(error instanceof EndpointError)) throw error;
		target.record("POST", outcome);
		const what = error.message.replace(/^The embedding model at \S+ /, "").replace(/\. .*$/s, "");
		return failure(`The server ${what}.`, causeOf(what, outcome), [target.chooseModel, useBuiltin]);
	}
}

export function areVectors(read: Vectors | CheckResult): read is Vectors {
	return Array.isArray(read);
}

function causeOf(what: string, answer: Answer): string {
	if (/zeros/.test(what))
		return "The model is not made for embeddings, or the server hides an error behind zeros.";
	if (/NaN/.test(what))
		return "The model's numbers overflow, because of a wrong precision (float16) or a damaged file.";
	if (isBase64(answer))
		return "The server sends base64 that holds no 32-bit numbers, though plain numbers were asked for.";
	if (/for \d+ texts/.test(what)) return "The server leaves out texts of a batch.";
	return "The answer is not that of an OpenAI-compatible embeddings endpoint.";
}

/** The first vector of an answer, as the server wrote it. */
function firstEmbedding({ body }: Answer): unknown {
	const value = jsonOf(body);
	const [entry]: unknown[] = isRecord(value) && Array.isArray(value.data) ? value.data : [];
	return isRecord(entry) ? entry.embedding : undefined;
}

export function isBase64(answer: Answer): boolean {
	return typeof firstEmbedding(answer) === "string";
}

/** Undefined if the answer has no plain numbers. */
export function widthOf(answer: Answer): number | undefined {
	const embedding = firstEmbedding(answer);
	return Array.isArray(embedding) ? embedding.length : undefined;
}
