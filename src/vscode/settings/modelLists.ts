import { type EndpointRole, type Endpoints, endpointOf } from "../../config/endpoints.ts";
import { listModels, listsModels } from "../../endpoints/openai/modelList.ts";
import { errorText } from "../../memory/errorText.ts";
import type { ModelsView } from "../../settings/panel/protocol.ts";

interface Listed {
	/** Identifies the request: another URL, key or header gives another list. */
	readonly question: string;
	readonly view: ModelsView;
}

const none: ModelsView = { state: "none", names: [], text: "" };

/** ms without an edit before the models are listed. */
const debounce = 700;

/** The models of each endpoint, listed again when the endpoint is edited. */
export class ModelLists {
	readonly #changed: () => void;
	readonly #hostModels: () => Promise<string[]>;
	readonly #lists: Partial<Record<EndpointRole, Listed>> = {};
	readonly #under = new Map<EndpointRole, AbortController>();
	readonly #timers = new Map<EndpointRole, NodeJS.Timeout>();

	/** @param hostModels the names of VS Code's own models. */
	constructor(hostModels: () => Promise<string[]>, changed: () => void) {
		this.#hostModels = hostModels;
		this.#changed = changed;
	}

	get views(): Readonly<Record<EndpointRole, ModelsView>> {
		const { chat, embedding } = this.#lists;
		return { chat: chat?.view ?? none, embedding: embedding?.view ?? none };
	}

	/** @param endpoints with their keys. */
	update(endpoints: Endpoints, delay = debounce): void {
		for (const role of ["chat", "embedding"] as const) this.#ask(role, endpointOf(endpoints, role), delay);
	}

	/** Asks again, even if the list is there. */
	refresh(role: EndpointRole, endpoints: Endpoints): void {
		delete this.#lists[role];
		this.#ask(role, endpointOf(endpoints, role), 0);
	}

	dispose(): void {
		for (const timer of this.#timers.values()) clearTimeout(timer);
		for (const stop of this.#under.values()) stop.abort();
	}

	#ask(role: EndpointRole, endpoint: ReturnType<typeof endpointOf>, delay: number): void {
		const question = questionOf(endpoint);
		if (this.#lists[role]?.question === question) return;
		clearTimeout(this.#timers.get(role));
		this.#under.get(role)?.abort();
		const put = (view: ModelsView) => {
			this.#lists[role] = { question, view };
			this.#changed();
		};
		if (!endpoint) {
			put(none);
			return;
		}
		if (endpoint.provider !== "vscode" && !listsModels(endpoint)) {
			put({ ...none, text: "Azure does not list its deployments. Type the name of yours." });
			return;
		}
		put({ state: "loading", names: [], text: "Listing the endpoint's models…" });
		const stop = new AbortController();
		this.#under.set(role, stop);
		const list = async () => {
			const view = await (endpoint.provider === "vscode"
				? this.#hostModels()
				: listModels(endpoint, role, stop.signal)
			).then(
				(names): ModelsView => ({ state: "listed", names, text: offered(names.length) }),
				(error): ModelsView => ({ ...none, state: "failed", text: `No list of models. ${errorText(error)}` }),
			);
			if (!stop.signal.aborted) put(view);
		};
		this.#timers.set(
			role,
			setTimeout(() => void list(), delay),
		);
	}
}

function questionOf(endpoint: ReturnType<typeof endpointOf>): string {
	if (!endpoint) return "";
	if (endpoint.provider === "vscode") return "vscode";
	const { provider, baseUrl, apiKey, headers } = endpoint;
	return JSON.stringify([provider, baseUrl, apiKey, headers]);
}

function offered(count: number): string {
	if (count === 0) return "The endpoint lists no models. Type the name of one.";
	return count === 1 ? "The endpoint offers 1 model." : `The endpoint offers ${count} models.`;
}
