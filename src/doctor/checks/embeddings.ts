import type { EmbeddingEndpoint } from "../../config/endpoints.ts";
import { calibrationTexts } from "../../endpoints/calibration.ts";
import { EndpointError } from "../../endpoints/endpointError.ts";
import { isRecord } from "../../endpoints/openai/serverMessage.ts";
import { readVectors } from "../../endpoints/openai/vectorAnswer.ts";
import { type CheckResult, embeddingStages, type Findings } from "../findings.ts";
import { type Answer, type Failure, failed } from "../probe.ts";
import type { Fix } from "../report.ts";
import { jsonOf } from "../target.ts";
import { type Asked, explainFailedRequest, succeeded } from "./failedRequest.ts";

/** They say nothing of any user; see endpoints/calibration.ts. */
const texts = calibrationTexts;
const first = texts[0] as string;
const last = texts.at(-1) as string;

type Vectors = readonly Float32Array[];

/** Real vectors: their width and values, their order in a batch, and whether they mean anything. */
export async function checkEmbeddings(
	endpoint: EmbeddingEndpoint,
	asked: Asked,
	findings: Findings,
): Promise<number | undefined> {
	const ask = (input: string | readonly string[], more: object = {}) =>
		asked.target.post({ model: endpoint.model, input, encoding_format: "float", ...more });
	const stop = (after: number, why: string) => {
		findings.skip("embedding", embeddingStages.slice(after), why);
		return undefined;
	};

	const single = await ask(first);
	const one = await vectorsOf(asked, single, [first]);
	if ("status" in one) {
		findings.stage("embedding", "vectors", one);
		return stop(1, "Not checked: there are no vectors that can be used.");
	}
	const vector = one.vectors[0] as Float32Array;
	const draft = await widthDraft(endpoint, asked, vector.length, single as Answer, ask);
	findings.stage("embedding", "vectors", draft);
	if (draft.status === "failed") return stop(1, "Not checked: the width of the vectors comes first.");

	const batch = await ask(texts);
	const all = await batchOf(asked, batch, ask);
	if ("status" in all) {
		findings.stage("embedding", "batch", all);
		return stop(2, "Not checked: batches do not work.");
	}
	const again = await ask([last]);
	const lone = await vectorsOf(asked, again, [last]);
	const order =
		"status" in lone ? lone : orderDraft(asked, all, vector, lone.vectors[0] as Float32Array, batch);
	findings.stage("embedding", "batch", order);
	if (order.status === "failed") return stop(2, "Not checked: the vectors are not those of their texts.");
	findings.stage("embedding", "meaning", meaningDraft(asked, all.vectors));
	return vector.length;
}

/** The vectors of an answer, or what is wrong with it. */
async function vectorsOf(
	asked: Asked,
	outcome: Answer | Failure,
	inputs: readonly string[],
): Promise<{ readonly vectors: Vectors } | CheckResult> {
	const { target } = asked;
	if (!succeeded(outcome)) return explainFailedRequest(asked, outcome, inputs);
	try {
		return { vectors: readVectors(jsonOf(outcome), inputs.length, target.requestUrl) };
	} catch (error) {
		if (!(error instanceof EndpointError)) throw error;
		return {
			...wrongVectors(asked, outcome, error),
			evidence: [target.evidence("POST", target.requestUrl, outcome)],
		};
	}
}

function wrongVectors(asked: Asked, outcome: Answer, error: EndpointError): CheckResult {
	const { target } = asked;
	const fixes: readonly Fix[] = [
		{
			kind: "open-setting",
			label: "Choose another model in EMBEDDING_MODEL_CHOICE",
			variable: "EMBEDDING_MODEL_CHOICE",
		},
		target.useBuiltin,
	];
	const what = error.message.replace(/^The embedding model at \S+ /, "").replace(/\. .*$/s, "");
	const seen = `The server ${what}.`;
	const fail = (cause: string): CheckResult => ({ status: "failed", seen, cause, fixes });
	if (/zeros/.test(what))
		return fail("The model is not made for embeddings, or the server hides an error behind zeros.");
	if (/NaN/.test(what))
		return fail(
			"The model's numbers overflow, as happens with a wrong precision (float16) or a damaged file.",
		);
	if (isBase64(outcome))
		return fail("The server sends base64 that holds no 32-bit numbers, where plain numbers were asked for.");
	if (/for \d+ texts/.test(what)) return fail("The server leaves out texts of a batch.");
	return fail("The answer is not that of an OpenAI-compatible embeddings endpoint.");
}

function isBase64(answer: Answer): boolean {
	const value = jsonOf(answer);
	const [entry] = isRecord(value) && Array.isArray(value.data) ? (value.data as unknown[]) : [];
	return isRecord(entry) && typeof entry.embedding === "string";
}

async function widthDraft(
	{ dimensions, model }: EmbeddingEndpoint,
	{ target }: Asked,
	width: number,
	answer: Answer,
	ask: (input: string, more: object) => Promise<Answer | Failure>,
): Promise<CheckResult> {
	const evidence = [target.evidence("POST", target.requestUrl, answer, `a vector of ${width} numbers`)];
	const base64 = isBase64(answer)
		? " They come as base64, which was not asked for, and is read all the same."
		: "";
	const seen = `${model} gives vectors of ${width} numbers in ${Math.round(answer.duration)} ms.${base64}`;
	if (dimensions === undefined || dimensions === width) return { status: "ok", seen, evidence };
	// Some models can be asked for shorter vectors.
	const shortened = await ask(first, { dimensions });
	evidence.push(target.evidence("POST", target.requestUrl, shortened, `dimensions: ${dimensions}`));
	if (succeeded(shortened)) {
		const data = jsonOf(shortened);
		const [entry] = isRecord(data) && Array.isArray(data.data) ? (data.data as unknown[]) : [];
		const given = isRecord(entry) && Array.isArray(entry.embedding) ? entry.embedding.length : undefined;
		if (given === dimensions)
			return {
				status: "ok",
				seen: `${model} gives vectors of ${dimensions} numbers, as it is asked to.`,
				evidence,
			};
	}
	return {
		status: "failed",
		seen: `${model} gives vectors of ${width} numbers, and EMBEDDING_MODEL_DIMS says ${dimensions}.`,
		cause: "The width is the model's own, and cannot be chosen here.",
		fixes: [
			{
				kind: "set",
				label: `Set EMBEDDING_MODEL_DIMS to ${width}`,
				changes: [{ variable: "EMBEDDING_MODEL_DIMS", value: String(width) }],
			},
			{
				kind: "set",
				label: "Leave EMBEDDING_MODEL_DIMS unset: the width is measured",
				changes: [{ variable: "EMBEDDING_MODEL_DIMS", value: undefined }],
			},
		],
		evidence,
	};
}

/** All texts at once, or in as many requests as the server wants; small servers take one text at a time. */
async function batchOf(
	asked: Asked,
	batch: Answer | Failure,
	ask: (input: readonly string[]) => Promise<Answer | Failure>,
): Promise<{ readonly vectors: Vectors; readonly note: string } | CheckResult> {
	const { target } = asked;
	const error =
		failed(batch) || succeeded(batch) ? undefined : target.errorOf(batch, target.requestUrl, texts);
	if (error?.kind !== "batch-too-large") {
		const all = await vectorsOf(asked, batch, texts);
		return "status" in all
			? all
			: { ...all, note: `${texts.length} texts at once, in the order they were sent.` };
	}
	const size = Math.max(1, Math.min(error.limit ?? 1, texts.length - 1));
	const vectors: Float32Array[] = [];
	for (let at = 0; at < texts.length; at += size) {
		const part = texts.slice(at, at + size);
		const some = await vectorsOf(asked, await ask(part), part);
		if ("status" in some) return some;
		vectors.push(...some.vectors);
	}
	return { vectors, note: `The server takes ${size} texts at once, and gets no more.` };
}

/** A text's vector is the same alone and within a batch, or the batch is not in order. */
function orderDraft(
	{ target }: Asked,
	{ vectors, note }: { readonly vectors: Vectors; readonly note: string },
	ofFirst: Float32Array,
	ofLast: Float32Array,
	batch: Answer | Failure,
): CheckResult {
	const evidence = [target.evidence("POST", target.requestUrl, batch, `${texts.length} texts`)];
	const alike = (vector: Float32Array, index: number) => cosine(vector, vectors[index] as Float32Array);
	const [atFirst, atLast] = [alike(ofFirst, 0), alike(ofLast, texts.length - 1)];
	// Servers that reckon in 8 bits, or in batches of other shapes, differ a little.
	if (atFirst > 0.98 && atLast > 0.98) return { status: "ok", seen: note, evidence };
	const elsewhere = vectors.some((vector, index) => index > 0 && cosine(ofFirst, vector) > 0.98);
	return {
		status: "failed",
		seen: elsewhere
			? "The vectors of a batch come in another order than their texts."
			: `The same text gets another vector each time (likeness ${Math.min(atFirst, atLast).toFixed(2)}).`,
		cause: elsewhere
			? "The server mixes up a batch, so that memories would be found by the meaning of others."
			: "The model is not deterministic, or several models answer under one name.",
		fixes: [advice("Report it to the makers of the server, or use another"), target.useBuiltin],
		evidence,
	};
}

/** Pairs that say the same in two ways are to be closer than those that have nothing to do with each other. */
function meaningDraft({ target }: Asked, vectors: Vectors): CheckResult {
	const same: number[] = [];
	const unrelated: number[] = [];
	for (let i = 0; i < vectors.length; i += 1) {
		for (let j = i + 1; j < vectors.length; j += 1) {
			const value = cosine(vectors[i] as Float32Array, vectors[j] as Float32Array);
			(j === i + 1 && i % 2 === 0 ? same : unrelated).push(value);
		}
	}
	const [close, far] = [mean(same), mean(unrelated)];
	const seen = `Sentences that say the same are ${close.toFixed(2)} alike, others ${far.toFixed(2)}.`;
	if (close - far > 0.1) return { status: "ok", seen };
	return {
		status: close > far + 0.03 ? "warning" : "failed",
		seen,
		cause:
			"The model can hardly tell what texts have in common: it is no embedding model, or does not know the language.",
		fixes: [
			{
				kind: "open-setting",
				label: "Choose another model in EMBEDDING_MODEL_CHOICE",
				variable: "EMBEDDING_MODEL_CHOICE",
			},
			target.useBuiltin,
		],
	};
}

function advice(label: string): Fix {
	return { kind: "advice", label };
}

/** Of vectors of length 1. */
function cosine(a: Float32Array, b: Float32Array): number {
	return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
