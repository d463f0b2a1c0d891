import { inShell } from "../../text/inert.ts";
import { isRecord, jsonOf, type ListedModel, modelsIn } from "./answerBody.ts";

/** All that is known about one kind of server software. */
interface FamilyFacts {
	readonly name: string;

	// How it is recognised.
	readonly host?: RegExp;
	/** Matches a line "name: value" of its response headers. */
	readonly header?: RegExp;
	readonly lists?: (model: ListedModel) => boolean;
	/** Matches its error messages. */
	readonly says?: RegExp;
	/** A path that no other server has, and whether an object it answers with is the expected one. */
	readonly native?: readonly [path: string, isOurs: (value: Record<string, unknown>) => boolean];

	// What it can do.
	readonly embedsOnly?: true;
	/** It answers with its one model whatever the request names. */
	readonly ignoresModel?: true;
	/** A path that tells a model's context, and how to find the tokens in the answer. */
	readonly context?: readonly [
		path: string,
		tokens: (value: Record<string, unknown>, model: string) => unknown,
	];

	// What to tell people.
	/** The port it listens on by default, and the command that starts it. */
	readonly start?: readonly [port: string, command: string];
	readonly getModel?: (model: string) => string;
	/** Why a model that exists may not be found. */
	readonly missingModel?: string;
	readonly moreContext?: string;
	readonly enableEmbeddings?: string;
	readonly enablePooling?: string;
	readonly keyPrefix?: string;
	readonly getKey?: string;
	/** Why a key that looks right is refused. */
	readonly refusedKey?: string;
}

/** LiteLLM comes first: its errors quote those of the servers behind it. */
const table = {
	litellm: {
		name: "LiteLLM",
		header: /^x-litellm-/,
		// LiteLLM's own constants.
		lists: (model) => model.owned_by === "openai" && model.object === "model" && !("max_model_len" in model),
		says: /litellm|token_not_found_in_db/i,
		start: ["4000", "litellm --config config.yaml"],
		getModel: () => "Add the model to model_list in LiteLLM's config.yaml",
		keyPrefix: "sk-",
		getKey: "Create one in the dashboard, or with /key/generate.",
		refusedKey:
			"The proxy does not know this key: it was mistyped, deleted, or created for another LiteLLM server.",
	},
	ollama: {
		name: "Ollama",
		lists: (model) => model.owned_by === "library",
		says: /try pulling it first/i,
		native: ["/api/version", ({ version }) => typeof version === "string"],
		context: ["/api/ps", (value, model) => entryOf(value, model)?.context_length],
		start: ["11434", "ollama serve"],
		getModel: (model) => `Pull the model: ollama pull ${inShell(model)}`,
		moreContext: "Start Ollama with OLLAMA_CONTEXT_LENGTH=16384, and set LLM_CONTEXT_LENGTH to 16384",
		enableEmbeddings: "Pull an embedding model: ollama pull nomic-embed-text",
	},
	tei: {
		name: "text-embeddings-inference",
		native: ["/info", ({ model_id }) => typeof model_id === "string"],
		embedsOnly: true,
		ignoresModel: true,
	},
	lmstudio: {
		name: "LM Studio",
		lists: (model) => model.owned_by === "organization_owner",
		says: /unexpected endpoint or method|LM Studio/i,
		native: [
			"/api/v1/models",
			({ models }) => Array.isArray(models) && models.some((model) => isRecord(model) && "key" in model),
		],
		context: [
			"/api/v1/models",
			(value, model) => {
				const loaded = entryOf(value, model)?.loaded_instances;
				const instance: unknown = Array.isArray(loaded) ? loaded[0] : undefined;
				return isRecord(instance) && isRecord(instance.config) ? instance.config.context_length : undefined;
			},
		],
		start: ["1234", "lms server start"],
		getModel: (model) => `Load the model in LM Studio: lms load ${model}`,
		moreContext: "Load the model in LM Studio with a context of 16,384",
		enableEmbeddings: "Load an embedding model in LM Studio",
	},
	llamacpp: {
		name: "llama.cpp",
		header: /^server: .*llama\.cpp/i,
		lists: ({ owned_by, meta }) => owned_by === "llamacpp" || (isRecord(meta) && "n_embd" in meta),
		says: /start it with `--embeddings`|Pooling type 'none'/i,
		native: ["/props", (value) => "default_generation_settings" in value],
		context: [
			"/props",
			({ default_generation_settings: settings }) => (isRecord(settings) ? settings.n_ctx : undefined),
		],
		ignoresModel: true,
		start: ["8080", "llama-server -m MODEL.gguf"],
		moreContext: "Start llama.cpp with -c 16384",
		enableEmbeddings: "Start llama.cpp with --embeddings",
		enablePooling: "Start llama.cpp with --pooling mean (or the type that the model's card names)",
	},
	vllm: {
		name: "vLLM",
		lists: (model) => model.owned_by === "vllm" || "max_model_len" in model,
		start: ["8000", "vllm serve MODEL"],
		getModel: (model) => `Serve the model: vllm serve ${model}`,
		moreContext: "Start vLLM with --max-model-len 16384, if the model allows it",
		enableEmbeddings: "Start vLLM with an embedding model",
	},
	openrouter: {
		name: "OpenRouter",
		host: /(^|\.)openrouter\.ai$/,
		lists: (model) => "context_length" in model && "supported_parameters" in model,
		keyPrefix: "sk-or-",
	},
	localai: {
		name: "LocalAI",
		lists: (model) => model.object === "model" && Object.keys(model).sort().join() === "id,object",
		getModel: (model) => `Install the model: local-ai models install ${model}`,
		moreContext: "Set context_size: 16384 in the model's YAML file",
		enableEmbeddings: "Set embeddings: true in the model's YAML file",
	},
	azure: {
		name: "Azure OpenAI",
		host: /\.(openai|cognitiveservices|services\.ai)\.azure\.com$/,
		says: /DeploymentNotFound|wrong API endpoint/i,
		getModel: () => "Copy the deployment's name from Azure AI Foundry",
		missingModel: "On Azure, a model goes by the name of its deployment, not by its own.",
		refusedKey: "The key belongs to another Azure resource, or the endpoint to another region.",
	},
	openai: { name: "OpenAI", host: /^api\.openai\.com$/ },
	unknown: { name: "an OpenAI-compatible server" },
} satisfies Readonly<Record<string, FamilyFacts>>;

/** Server software. */
export type ServerFamily = keyof typeof table;

export const families: Readonly<Record<ServerFamily, FamilyFacts>> = table;

const entries = Object.entries(families) as [ServerFamily, FamilyFacts][];

/** A server's answer, as far as it tells the server's family. */
interface Clue {
	readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
	readonly body: string;
}

/** The family of a server, as far as its URL, its provider and its answers tell. */
export function familyOf(provider: string, baseUrl: string, answers: readonly Clue[]): ServerFamily {
	const { hostname, port } = new URL(baseUrl);
	// These two mean nothing else; "openai" and "ollama" are also used for servers that are like them.
	if (provider === "azure" || provider === "openrouter") return provider;
	const first = (matches: (facts: FamilyFacts) => boolean | undefined) =>
		entries.find(([, facts]) => matches(facts))?.[0];
	const byHost = first(({ host }) => host?.test(hostname));
	if (byHost) return byHost;
	for (const { headers = {}, body } of answers) {
		const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
		const [model] = modelsIn(jsonOf(body)) ?? [];
		const family =
			first(({ header }) => header && lines.some((line) => header.test(line))) ??
			first(({ lists }) => model && lists?.(model)) ??
			first(({ says }) => says?.test(body.slice(0, 4000)));
		if (family) return family;
	}
	return provider === "ollama" || port === families.ollama.start?.[0] ? "ollama" : "unknown";
}

/** Paths that give a server away, and the test for each answer. */
export const nativePaths = entries.flatMap(([family, { native }]) =>
	native ? [{ family, path: native[0], isOurs: native[1] }] : [],
);

/** How to start the server that usually listens on a URL's port. */
export function howToStart(url: string): string {
	const { host, port } = new URL(url);
	const usual = entries.find(([, { start }]) => start?.[0] === port)?.[1];
	return usual?.start
		? `Start the server, for example ${usual.name}: ${usual.start[1]}`
		: `Start the server at ${host}`;
}

/** Whether two names mean the same model: Ollama's tag "latest" may be left out. */
export function isSameModel(a: string, b: string): boolean {
	return a.replace(/:latest$/, "") === b.replace(/:latest$/, "");
}

/** A model's entry in a server's own list. */
function entryOf({ models }: Record<string, unknown>, model: string): Record<string, unknown> | undefined {
	const listed: unknown[] = Array.isArray(models) ? models : [];
	return listed
		.filter(isRecord)
		.find(({ name, model: id, key }) =>
			[name, id, key].some((each) => typeof each === "string" && isSameModel(each, model)),
		);
}
