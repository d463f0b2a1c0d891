import type { Endpoints, HttpEndpoint } from "../../config/endpoints.ts";
import { listModels, listsModels } from "../../endpoints/openai/modelList.ts";
import { errorText } from "../../memory/errorText.ts";
import type { ModelsView } from "../../settings/panel/protocol.ts";

export type ModelRole = "llm" | "embedding";

interface Listed {
	/** What was asked: with another URL, key or header the list is another. */
	readonly question: string;
	readonly view: ModelsView;
}

const none: ModelsView = { state: "none", names: [], text: "" };

/** ms without an edit before an endpoint is asked for its models. */
const debounce = 700;

/** The models each endpoint offers, asked for again when the endpoint is edited. */
export class ModelLists {
	readonly #changed: () => void;
	readonly #hostModels: () => Promise<string[]>;
	readonly #lists = new Map<ModelRole, Listed>();
	readonly #under = new Map<ModelRole, AbortController>();
	readonly #timers = new Map<ModelRole, NodeJS.Timeout>();

	/** @param hostModels the names of VS Code's own models. */
	constructor(hostModels: () => Promise<string[]>, changed: () => void) {
		this.#hostModels = hostModels;
		this.#changed = changed;
	}

	view(role: ModelRole): ModelsView {
		return this.#lists.get(role)?.view ?? none;
	}

	/** @param endpoints with their keys; undefined while the values are not valid. */
	update(endpoints: Endpoints | undefined, delay = debounce): void {
		for (const role of ["llm", "embedding"] as const) this.#ask(role, endpoints?.[role], delay);
	}

	/** Asks again, whatever was answered before. */
	refresh(role: ModelRole, endpoints: Endpoints | undefined): void {
		this.#lists.delete(role);
		this.#ask(role, endpoints?.[role], 0);
	}

	dispose(): void {
		for (const timer of this.#timers.values()) clearTimeout(timer);
		for (const stop of this.#under.values()) stop.abort();
	}

	#ask(role: ModelRole, endpoint: Endpoints[ModelRole], delay: number): void {
		const question = questionOf(endpoint);
		if (this.#lists.get(role)?.question === question) return;
		clearTimeout(this.#timers.get(role));
		this.#under.get(role)?.abort();
		const put = (view: ModelsView) => {
			this.#lists.set(role, { question, view });
			this.#changed();
		};
		if (!endpoint) {
			put(none);
			return;
		}
		if (endpoint.provider !== "vscode" && !listsModels(endpoint)) {
			put({ ...none, text: "Azure does not tell its deployments. Type the name of yours." });
			return;
		}
		put({ state: "loading", names: [], text: "Asking the endpoint for its models…" });
		const stop = new AbortController();
		this.#under.set(role, stop);
		const ask = () =>
			endpoint.provider === "vscode"
				? this.#hostModels()
				: listModels(endpoint as HttpEndpoint, role === "llm" ? "chat" : "embeddings", stop.signal);
		const timer = setTimeout(() => {
			ask().then(
				(names) => {
					if (!stop.signal.aborted) put({ state: "listed", names, text: offered(names.length) });
				},
				(error: unknown) => {
					if (!stop.signal.aborted)
						put({ state: "failed", names: [], text: `No list of models. ${errorText(error)}` });
				},
			);
		}, delay);
		this.#timers.set(role, timer);
	}
}

function questionOf(endpoint: Endpoints[ModelRole]): string {
	if (!endpoint) return "";
	if (endpoint.provider === "vscode") return "vscode";
	const { provider, baseUrl, apiKey, headers } = endpoint;
	return JSON.stringify([provider, baseUrl, apiKey, headers]);
}

function offered(count: number): string {
	if (count === 0) return "The endpoint lists no models. Type the name of one.";
	return count === 1 ? "The endpoint offers 1 model." : `The endpoint offers ${count} models.`;
}
