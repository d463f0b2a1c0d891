import { silentLog } from "../../config/log.ts";
import { modelsIn } from "./answerBody.ts";
import { OpenAiClient } from "./client.ts";
import { families, familyOf, type ServerFamily } from "./families.ts";
import { modelsUrl } from "./urls.ts";

/** A model server that runs on this machine. */
export interface LocalServer {
	readonly family: ServerFamily;
	readonly name: string;
	readonly baseUrl: string;
	readonly models: readonly string[];
}

/** ms that a server on the same machine may take to list its models. */
const patience = 1500;

/** Where Ollama, LM Studio, llama.cpp and vLLM listen unless they are told otherwise. */
const usualPorts = (["ollama", "lmstudio", "llamacpp", "vllm"] as const).map((family) =>
	Number(families[family].start?.[0]),
);

/**
 * Asks the usual ports of this machine for their lists of models, without a key and past every proxy. A person must have
 * asked for it: nothing else makes requests to servers that are not configured.
 */
export async function findLocalServers(
	signal: AbortSignal,
	ports: readonly number[] = usualPorts,
): Promise<readonly LocalServer[]> {
	const found = await Promise.all(ports.map((port) => serverAt(port, signal)));
	return found.filter((server) => server !== undefined);
}

async function serverAt(port: number, signal: AbortSignal): Promise<LocalServer | undefined> {
	const baseUrl = `http://localhost:${port}/v1`;
	const place = { provider: "openai", baseUrl } as const;
	const endpoint = { ...place, apiKey: undefined, headers: {}, model: "", timeout: patience };
	try {
		const answer: unknown = await new OpenAiClient(endpoint, "chat", silentLog).request(
			(client, options) => client.get(modelsUrl(place), options),
			{ signal, timeout: patience, attempts: 1 },
		);
		const models = modelsIn(answer);
		if (!models || models.length === 0) return undefined;
		const family = familyOf("openai", baseUrl, [{ body: JSON.stringify(answer) }]);
		const { name } = families[family];
		return { family, name, baseUrl, models: [...new Set(models.map(({ id }) => id))] };
	} catch {
		// Nothing listens there, or something else does: there is nothing to offer.
		return undefined;
	}
}
