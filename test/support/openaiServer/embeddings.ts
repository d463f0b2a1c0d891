import type { Fault } from "./faults.ts";
import { type Settings, serves } from "./settings.ts";
import { type Answer, json, tokens } from "./types.ts";
import { resized, vectorOf } from "./vectors.ts";

/** POST …/embeddings */
export async function answerEmbeddings(
	body: Readonly<Record<string, unknown>>,
	settings: Settings,
	fault: Fault | undefined,
): Promise<Answer> {
	const { quirks } = settings;
	const inputs = readInputs(body.input);
	if (!inputs) return quirks.error(400, "'$.input' is invalid: it must be a string or an array of strings.");
	const asked = typeof body.model === "string" ? body.model : "";
	const refusal = refuse(asked, inputs, body.dimensions, settings);
	if (refusal) return refusal;
	const model = quirks.anyModel ? (settings.embeddingModels[0] as string) : asked;
	const width =
		settings.dimensions === "honoured" && typeof body.dimensions === "number"
			? body.dimensions
			: settings.width;
	const vectors = await Promise.all(
		inputs.map(async (input) => resized(await vectorOf(input, model, settings.width), width)),
	);
	const base64 =
		settings.encoding === "base64" || (settings.encoding === "as asked" && body.encoding_format === "base64");
	if (fault?.kind === "swapped") vectors.reverse();
	if (fault?.kind === "garbled")
		return json(200, {
			object: "list",
			model,
			data: inputs.map((_, index) => ({ index, embedding: "bm8h" })),
		});
	const data = vectors
		.map((vector) => spoiled(vector, fault))
		.map((vector, index) => ({
			object: "embedding",
			index,
			embedding: base64 ? base64Of(vector) : Array.from(vector),
		}));
	if (fault?.kind === "fewer") data.pop();
	if (fault?.kind === "shuffled") data.reverse();
	const used = inputs.reduce((sum, input) => sum + tokens(input.length), 0);
	const answer = json(200, {
		object: "list",
		data,
		model: settings.answersAs ?? model,
		usage: { prompt_tokens: used, total_tokens: used },
	});
	if (fault?.kind === "nan" && fault.written === "NaN")
		return { ...answer, body: answer.body.replaceAll("null", "NaN") };
	return answer;
}

function refuse(
	model: string,
	inputs: readonly string[],
	dimensions: unknown,
	settings: Settings,
): Answer | undefined {
	const { quirks, embeddingModels, chatModels } = settings;
	if (!serves(settings, embeddingModels, model)) {
		if (serves(settings, chatModels, model) || quirks.anyModel) return quirks.notEmbedding(model);
		return quirks.unknownModel(model, "embeddings", [...chatModels, ...embeddingModels]);
	}
	if (inputs.length > settings.maxBatch) return quirks.batchTooLarge(settings.maxBatch, inputs.length);
	if (quirks.refusesEmptyInput && inputs.includes(""))
		return quirks.error(400, "Invalid 'input': input cannot be an empty string.");
	const longest = Math.max(...inputs.map((input) => tokens(input.length)));
	const limit = settings.maxInputTokens;
	if (limit !== undefined && longest > limit) return quirks.inputTooLong(limit, longest);
	if (dimensions === undefined) return undefined;
	if (settings.dimensions === "refused") return quirks.dimensionsRefused(model);
	if (
		settings.dimensions === "honoured" &&
		!(Number(dimensions) >= 1 && Number(dimensions) <= settings.width)
	)
		return quirks.error(
			400,
			`Invalid value for 'dimensions' = ${String(dimensions)}. Must be less than or equal to ${settings.width}.`,
			{ param: "dimensions" },
		);
	return undefined;
}

function readInputs(input: unknown): string[] | undefined {
	const inputs: unknown[] = Array.isArray(input) ? input : [input];
	if (inputs.length === 0) return undefined;
	return inputs.every((value) => typeof value === "string") ? inputs : undefined;
}

function spoiled(vector: Float32Array, fault: Fault | undefined): Float32Array {
	switch (fault?.kind) {
		case "zeros":
			return vector.map(() => 0);
		case "unsteady":
			return vector.map((value) => value + 0.1 * (Math.random() - 0.5));
		case "sameVector":
			return vector.map((_, index) => (index % 3) + 1);
		case "nan":
			return vector.map(() => Number.NaN);
		case "width":
			return resized(vector, fault.dimensions);
	}
	return vector;
}

/** Little-endian float32, as all machines these tests run on have them in memory. */
function base64Of(vector: Float32Array): string {
	return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}
