import { type Settings, serves } from "./settings.ts";
import { type Answer, json } from "./types.ts";

const created = 1_700_000_000;

/** GET {base}/models, where the family has it. */
export function answerModels(settings: Settings): Answer | undefined {
	const { family, chatModels, embeddingModels } = settings;
	if (family === "azure" || family === "tei") return undefined;
	// OpenRouter lists its embedding models elsewhere.
	const models = family === "openrouter" ? chatModels : [...chatModels, ...embeddingModels];
	const data = models.map((model) => entry(model, settings));
	if (family === "openrouter") return json(200, { data });
	if (family === "llamacpp")
		return json(200, { models: models.map((name) => ({ name, model: name })), object: "list", data });
	return json(200, { object: "list", data });
}

function entry(id: string, settings: Settings): object {
	const embeds = settings.embeddingModels.includes(id);
	const context = contextOf(id, settings);
	const model = { id, object: "model", created };
	switch (settings.family) {
		case "vllm":
			return { ...model, owned_by: "vllm", root: id, parent: null, max_model_len: context, permission: [] };
		case "llamacpp":
			return {
				...model,
				owned_by: "llamacpp",
				meta: {
					vocab_type: 2,
					n_vocab: 32_000,
					n_ctx_train: context,
					n_embd: embeds ? settings.width : 4096,
					n_params: 7_000_000_000,
					size: 4_000_000_000,
				},
			};
		case "ollama":
			return { ...model, owned_by: "library" };
		case "lmstudio":
			return { ...model, owned_by: "organization_owner" };
		case "litellm":
			return { ...model, owned_by: "openai" };
		case "openrouter":
			return { id, name: id, created, context_length: context, supported_parameters: ["max_tokens"] };
		case "localai":
			return { id, object: "model" };
		default:
			return { ...model, owned_by: "system" };
	}
}

function contextOf(model: string, { embeddingModels, contextLength, maxInputTokens }: Settings): number {
	return (embeddingModels.includes(model) ? maxInputTokens : undefined) ?? contextLength ?? 8192;
}

/** Paths outside the OpenAI API, which identify a family and give details about its models. */
export function answerNative(
	method: string,
	path: string,
	body: unknown,
	settings: Settings,
): Answer | undefined {
	const { family, basePath } = settings;
	const route = `${method} ${path}`;
	if (family === "ollama") return answerOllama(route, body, settings);
	if (family === "lmstudio" && route === "GET /api/v1/models")
		return json(200, { models: allModels(settings).map((model) => lmstudioEntry(model, settings)) });
	if (family === "openrouter" && route === `GET ${basePath}/embeddings/models`)
		return json(200, { data: settings.embeddingModels.map((model) => entry(model, settings)) });
	if (family === "tei" && route === "GET /info")
		return json(200, {
			model_id: settings.embeddingModels[0],
			model_sha: null,
			model_dtype: "float32",
			model_type: { embedding: { pooling: "mean" } },
			max_concurrent_requests: 512,
			max_input_length: settings.maxInputTokens ?? 512,
			max_batch_tokens: 16_384,
			max_batch_requests: null,
			max_client_batch_size: settings.maxBatch,
			auto_truncate: false,
			tokenization_workers: 4,
			version: "1.8.2",
		});
	return undefined;
}

function allModels({ chatModels, embeddingModels }: Settings): string[] {
	return [...chatModels, ...embeddingModels];
}

function lmstudioEntry(key: string, settings: Settings): object {
	const context = contextOf(key, settings);
	return {
		type: settings.embeddingModels.includes(key) ? "embedding" : "llm",
		publisher: "test",
		key,
		display_name: key,
		max_context_length: 131_072,
		loaded_instances: [{ id: key, config: { context_length: context } }],
	};
}

function answerOllama(route: string, body: unknown, settings: Settings): Answer | undefined {
	const models = allModels(settings);
	switch (route) {
		case "GET /api/version":
			return json(200, { version: "0.12.6" });
		case "GET /api/tags":
			return json(200, { models: models.map((model) => ({ name: model, model })) });
		case "GET /api/ps":
			return json(200, {
				models: models.map((model) => ({
					name: model,
					model,
					context_length: contextOf(model, { ...settings, contextLength: settings.contextLength ?? 4096 }),
				})),
			});
		case "POST /api/show":
			return showOllama(body, settings);
	}
	return undefined;
}

function showOllama(body: unknown, settings: Settings): Answer {
	const { model = "" } = body as { model?: string };
	if (!serves(settings, allModels(settings), model))
		return json(404, { error: `model '${model}' not found` });
	const embeds = serves(settings, settings.embeddingModels, model);
	const { contextLength } = settings;
	return json(200, {
		// Present where the model file sets it: what a prompt is cut to, unlike what the model was trained for.
		...(contextLength === undefined ? {} : { parameters: `num_ctx ${contextLength}` }),
		details: { format: "gguf", family: embeds ? "nomic-bert" : "llama" },
		model_info: embeds
			? {
					"general.architecture": "nomic-bert",
					"nomic-bert.context_length": settings.maxInputTokens ?? 2048,
					"nomic-bert.embedding_length": settings.width,
				}
			: {
					"general.architecture": "llama",
					"llama.context_length": 131_072,
					"llama.embedding_length": 4096,
				},
		capabilities: embeds ? ["embedding"] : ["completion"],
	});
}
