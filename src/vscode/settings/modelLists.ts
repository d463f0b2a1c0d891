import * as l10n from "@vscode/l10n";
import { type EndpointRole, type Endpoints, endpointOf, type HttpEndpoint } from "../../config/endpoints.ts";
import { listModels, listsModels } from "../../endpoints/openai/modelList.ts";
import { errorText } from "../../memory/errorText.ts";
import { secretsOf, secretWords } from "../../settings/keys/transit.ts";
import type { ModelsView } from "../../settings/panel/protocol.ts";
import { plural } from "../../text/wording.ts";

type Endpoint = ReturnType<typeof endpointOf>;

const none: ModelsView = { state: "none", names: [], text: "" };

/** ms without an edit before the models are listed. */
const debounce = 700;

const createList = () => ({
	/** Identifies the request: another URL, key or header gives another list. */
	question: undefined as string | undefined,
	view: none,
	timer: undefined as NodeJS.Timeout | undefined,
	stop: new AbortController(),
});

/**
 * The models of each endpoint. Only endpoints that are saved are asked by themselves: half-typed URLs, presets and
 * imports name hosts that nobody has chosen yet, and the request carries the key and the headers.
 * @param hostModels the names of VS Code's own models.
 */
export function createModelLists(hostModels: () => Promise<string[]>, changed: () => void) {
	const lists = { chat: createList(), embedding: createList() };

	/** @param delay undefined: not before the person asks for the list. */
	const ask = (role: EndpointRole, endpoint: Endpoint, delay: number | undefined) => {
		const list = lists[role];
		const question = questionOf(endpoint);
		if (list.question === question && (list.view.state !== "ready" || delay === undefined)) return;
		clearTimeout(list.timer);
		list.stop.abort();
		const put = (view: ModelsView) => {
			Object.assign(list, { question, view });
			changed();
		};
		if (!endpoint) return put(none);
		if (endpoint.provider !== "vscode" && !listsModels(endpoint))
			return put({ ...none, text: l10n.t("Azure does not list its deployments. Type the name of yours.") });
		if (delay === undefined && endpoint.provider !== "vscode")
			return put({ state: "ready", names: [], text: readyText(endpoint) });
		put({ state: "loading", names: [], text: l10n.t("Listing the endpoint's models…") });
		list.stop = new AbortController();
		const { signal } = list.stop;
		list.timer = setTimeout(async () => {
			const names = endpoint.provider === "vscode" ? hostModels() : listModels(endpoint, role, signal);
			const view = await names.then(
				(found): ModelsView => ({ state: "listed", names: found, text: offered(found.length) }),
				(error): ModelsView => ({
					...none,
					state: "failed",
					text: l10n.t`No list of models. ${errorText(error)}`,
				}),
			);
			if (!signal.aborted) put(view);
		}, delay);
	};

	return {
		get views() {
			return { chat: lists.chat.view, embedding: lists.embedding.view };
		},
		/**
		 * @param endpoints with their keys.
		 * @param unasked the roles whose endpoints may be asked without an act of the person.
		 */
		update: (endpoints: Endpoints, unasked: readonly EndpointRole[], delay = debounce) => {
			for (const role of ["chat", "embedding"] as const)
				ask(role, endpointOf(endpoints, role), unasked.includes(role) ? delay : undefined);
		},
		/** The person asks for the list, even if it is there. */
		refresh: (role: EndpointRole, endpoints: Endpoints) => {
			lists[role].question = undefined;
			ask(role, endpointOf(endpoints, role), 0);
		},
		dispose: () => {
			for (const { timer, stop } of Object.values(lists)) {
				clearTimeout(timer);
				stop.abort();
			}
		},
	};
}

function questionOf(endpoint: Endpoint): string {
	if (!endpoint) return "";
	if (endpoint.provider === "vscode") return "vscode";
	const { provider, baseUrl, apiKey, headers, network } = endpoint;
	return JSON.stringify([provider, baseUrl, apiKey, headers, network]);
}

function readyText(endpoint: HttpEndpoint): string {
	const secrets = secretsOf(endpoint);
	return secrets
		? l10n.t`“List models” asks ${endpoint.baseUrl}, with its ${secretWords(secrets)}.`
		: l10n.t`“List models” asks ${endpoint.baseUrl}.`;
}

function offered(count: number): string {
	if (count === 0) return l10n.t("The endpoint lists no models. Type the name of one.");
	return plural(count, l10n.t("The endpoint offers # model."), l10n.t("The endpoint offers # models."));
}
