import { isRecord, isWebPage, jsonOf, modelsIn } from "../../../endpoints/openai/answerBody.ts";
import { families, familyOf, nativePaths, type ServerFamily } from "../../../endpoints/openai/families.ts";
import { modelsUrl, requestUrl } from "../../../endpoints/openai/urls.ts";
import { plural } from "../../../text/wording.ts";
import { explainNoAnswer } from "../../explain/noAnswer.ts";
import { type Check, type CheckResult, failure, ok, skipped } from "../../findings.ts";
import { type Answer, type Failure, failed } from "../../probe.ts";
import { reached, reachOfEmpty, refusesKey } from "../../reach.ts";
import type { Fix } from "../../report.ts";
import type { Target } from "../../target.ts";

export const baseUrl: Check<Target> = {
	stage: "path",
	title: "API at the base URL",
	run: async (target) => {
		const { endpoint } = target;
		const list = await target.list();
		const count = failed(list) ? undefined : modelsIn(jsonOf(list.body))?.length;
		target.record("GET", list, count === undefined ? "" : plural(count, "# model", "# models"));
		// After one request that hangs, the next would hang too.
		const empty = failed(list) && list.code === "TIMEOUT" ? list : await target.empty();
		if (empty !== list) target.record("POST", empty, "an empty request");
		const answers = [list, empty].filter((outcome): outcome is Answer => !failed(outcome));
		target.family = familyOf(endpoint.provider, endpoint.baseUrl, answers);
		const { reach, failure: trial } = await reached(target);
		const error = trial?.error;
		if (reach === "answered" || reach === "understood" || listsModels(list)) {
			if (target.family === "unknown") target.family = await askFamily(target);
			return ok(`${endpoint.baseUrl} answers like ${families[target.family].name}.`);
		}
		if (reach === "refused")
			return skipped("Not known: the server refuses all requests before it reads them.");
		if (failed(list)) return explainNoAnswer(target, list);
		if (error?.kind === "not-found" || error?.kind === "no-api") return findApi(target, list);
		const status = error?.status === undefined ? "" : ` (HTTP ${error.status})`;
		return skipped(`Not known: no request was answered as an API answers${status}.`);
	},
};

function listsModels(list: Answer | Failure): boolean {
	return !failed(list) && list.status === 200 && modelsIn(jsonOf(list.body)) !== undefined;
}

/** Asks a server what it is, on paths that only one family has. Spends no tokens. */
async function askFamily(target: Target): Promise<ServerFamily> {
	const found = await Promise.all(
		nativePaths.map(async ({ family, path, isOurs }) => {
			const answer = await target.get(`${target.origin}${path}`);
			const value = failed(answer) || answer.status !== 200 ? undefined : jsonOf(answer.body);
			return isRecord(value) && isOurs(value) ? family : undefined;
		}),
	);
	return found.find((family) => family !== undefined) ?? "unknown";
}

/** Where the API is if it is not at the URL: tries the usual paths of the same host. */
async function findApi(target: Target, list: Answer): Promise<CheckResult> {
	const { openUrl, endpoint } = target;
	const redirect = redirectOf(list, target.modelsUrl);
	if (redirect !== undefined)
		return failure(
			`${endpoint.baseUrl} redirects to ${redirect}.`,
			"Requests do not follow redirects, so that no other host gets the key.",
			[target.setUrl(redirect), openUrl],
		);
	const seen = `${target.modelsUrl} ${whatCame(list)}${target.quote(list)}`;
	const right = await rightUrl(target);
	if (right !== undefined) return failure(seen, `The API is at ${right}.`, [target.setUrl(right)]);
	const { name, embedsOnly } = families[target.role === "chat" ? await askFamily(target) : "unknown"];
	if (embedsOnly) {
		const cause = `${name} listens there: it makes embeddings, and is not a language model.`;
		return failure(seen, cause, [useForEmbeddings(endpoint.baseUrl), openUrl]);
	}
	const cause = isWebPage(list.body)
		? "The URL leads to a website, or to a proxy that wants you to sign in."
		: "There is no OpenAI-compatible API at this URL, nor at the usual ones of this host.";
	return failure(seen, cause, [openUrl]);
}

/** Of the usual URLs that list models or want a key, the first at which a request to a model is understood. */
async function rightUrl(target: Target): Promise<string | undefined> {
	const { endpoint, role, post } = target;
	const asked = await Promise.all(
		usualUrls(endpoint).map(async (baseUrl) => {
			const place = { ...endpoint, baseUrl };
			const list = await target.get(modelsUrl(place));
			return { place, lists: listsModels(list), wantsKey: !failed(list) && refusesKey(list) };
		}),
	);
	const likely = [...asked.filter(({ lists }) => lists), ...asked.filter(({ wantsKey }) => wantsKey)];
	for (const { place } of likely) {
		const empty = await post({}, undefined, requestUrl(place, role));
		if (!failed(empty) && reachOfEmpty(empty) !== "unknown") return place.baseUrl;
	}
	return likely[0]?.place.baseUrl;
}

function whatCame({ status, body }: Answer): string {
	if (isWebPage(body)) return `answers with a web page (HTTP ${status}).`;
	if (status === 404 || status === 405) return `does not exist (HTTP ${status}).`;
	return `does not answer with a list of models (HTTP ${status}).`;
}

/** Base URLs on the same host, the likeliest first. */
function usualUrls({ baseUrl, provider }: Target["endpoint"]): string[] {
	const { origin, pathname } = new URL(baseUrl);
	const path = pathname.replace(/\/$/, "");
	const parent = path.replace(/\/[^/]*$/, "");
	const paths =
		provider === "azure"
			? ["", path.replace(/\/openai.*$/, "")]
			: [
					`${path}/v1`,
					path.replace(/(\/v\d+)(?=.*\/v\d+)/, ""),
					path.replace(/\/v\d+$/, ""),
					"/v1",
					"/api/v1",
					"/openai/v1",
					`${parent}/v1`,
					// Open WebUI, Gemini, DashScope
					"/api",
					"/v1beta/openai",
					"/compatible-mode/v1",
				];
	return [...new Set(paths.map((each) => `${origin}${each}`))].filter((url) => url !== baseUrl);
}

/** The base URL that a redirect of the list of models leads to. */
function redirectOf({ status, headers }: Answer, listUrl: string): string | undefined {
	const { location } = headers;
	if (status < 300 || status >= 400 || location === undefined) return undefined;
	const url = new URL(location, listUrl);
	if (!/^https?:$/.test(url.protocol) || !/\/models\/?$/.test(url.pathname)) return undefined;
	return `${url.origin}${url.pathname.replace(/\/models\/?$/, "")}`;
}

function useForEmbeddings(url: string): Fix {
	return {
		kind: "set",
		label: "Use it for embeddings, without a language model",
		changes: [
			{ variable: "LLM_PROVIDER", value: "none" },
			{ variable: "LLM_BASE_URL", value: undefined },
			{ variable: "EMBEDDING_PROVIDER", value: "openai" },
			{ variable: "EMBEDDING_BASE_URL", value: url },
		],
	};
}
