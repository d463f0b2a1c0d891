import {
	isErrorAnswer,
	isRecord,
	isWebPage,
	jsonOf,
	modelsIn,
} from "../../../endpoints/openai/answerBody.ts";
import { families, familyOf, nativePaths, type ServerFamily } from "../../../endpoints/openai/families.ts";
import { modelsUrl } from "../../../endpoints/openai/urls.ts";
import { explainBrokenConnection } from "../../explain/brokenConnection.ts";
import { refusesKey } from "../../explain/refusedKey.ts";
import { type Check, type CheckResult, failure, ok } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import { type Answer, failed } from "../../probe.ts";
import type { Fix } from "../../report.ts";
import type { Target } from "../../target.ts";
import { cannotAnswerNow } from "./models.ts";

export const baseUrl: Check<Target> = {
	stage: "path",
	title: "URL leads to an OpenAI-compatible API",
	run: async (target) => {
		const list = await target.list();
		if (failed(list)) {
			target.record("GET", list);
			if (list.code !== "TIMEOUT") return explainBrokenConnection(target, list);
			const begun = list.phase === "body";
			const how = begun ? "began to answer, and did not end" : "accepted the connection, and did not answer";
			const seen = `${target.host} ${how} within ${target.run.deadline / 1000} s.`;
			const restart = advice("See the server's log, and restart the server");
			const cause = "The server hangs or is overloaded, or is not a web server.";
			return failure(seen, cause, [restart, target.openUrl]);
		}
		// An empty request costs no tokens, and tells whether the path exists and the key is accepted. Some servers show
		// their list of models to everybody, and some have none.
		const empty = await target.post({});
		target.answers = failed(empty) ? [list] : [list, empty];
		target.family = familyOf(target.endpoint.provider, target.endpoint.baseUrl, target.answers);
		const count = modelsIn(jsonOf(list.body))?.length;
		target.record("GET", list, count === undefined ? "" : `${count} models`);
		target.record("POST", empty, "an empty request");
		const isApi =
			listsModels(list) ||
			refusesKey(list) ||
			cannotAnswerNow(list) ||
			(!failed(empty) && knowsRequest(empty));
		if (!isApi) return findApi(target, list);
		if (target.family === "unknown") target.family = await askFamily(target);
		return ok(`${target.endpoint.baseUrl} answers like ${families[target.family].name}.`);
	},
};

function listsModels({ status, body }: Answer): boolean {
	return status === 200 && modelsIn(jsonOf(body)) !== undefined;
}

/** Whether an empty request met a server that knows what is missing in it. */
function knowsRequest({ status, body }: Answer): boolean {
	if (isWebPage(body) || (status >= 300 && status < 400)) return false;
	if (status === 404 || status === 405) return /model|deployment/i.test(body);
	if (status === 200) return !/unexpected endpoint/i.test(body) && isErrorAnswer(jsonOf(body));
	return true;
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
	const found = await Promise.all(
		usualUrls(endpoint).map(async (url) => {
			const answer = await target.get(modelsUrl({ ...endpoint, baseUrl: url }));
			return !failed(answer) && (listsModels(answer) || refusesKey(answer)) ? url : undefined;
		}),
	);
	const right = found.find((url) => url !== undefined);
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
