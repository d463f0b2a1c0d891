import { isWebPage } from "../../../endpoints/openai/answerBody.ts";
import { explainNoAnswer } from "../../explain/noAnswer.ts";
import { type Check, type CheckResult, failure, ok } from "../../findings.ts";
import { advice, seeServerLog } from "../../fixes.ts";
import { type Answer, failed } from "../../probe.ts";
import type { Fix } from "../../report.ts";
import { aboutIn, askOperator, refusalIn, type TeamTarget, waitAMoment } from "./teamTarget.ts";

const about = "/memory/about";
const withoutSignIn = advice(
	"Have the proxy pass on /mcp, and what is below it, without a sign-in of its own: the server checks tokens itself",
);

/** Whether it is a server of MCP Mem0 that answers at the URL, and one that keeps memories of people elsewhere. */
export const answer: Check<TeamTarget> = {
	stage: "answer",
	title: "Answer of the server",
	run: async (target) => {
		const first = await target.first();
		target.recordFirst(first);
		if (failed(first)) return explainNoAnswer(target, first);
		if (aboutIn(first)) return ok(`${target.url} is a team's server.`);
		return refusalIn(first) === undefined ? explainOther(target, first) : explainRefusal(target, first);
	},
};

/** A server of MCP Mem0 refuses the request. */
async function explainRefusal(target: TeamTarget, first: Answer): Promise<CheckResult> {
	const { url, host, openUrl } = target;
	const { status } = first;
	const isOurs = ok(`${url} is a server of MCP Mem0.`);
	const said = `(HTTP ${status}).${target.quote(first)}`;
	switch (status) {
		case 401:
			return isOurs;
		case 403: {
			// The name comes before the token.
			const bare = await target.askAbout(url, true);
			if (failed(bare) || bare.status !== 403) return isOurs;
			return failure(
				`The server does not know the name that it was asked by ${said}`,
				"It serves only names that it knows, so that no web page can lead a browser there.",
				[
					advice(`On the server, add that name to ALLOWED_HOSTS, or set PUBLIC_URL=${url}, and restart it`),
					openUrl,
				],
			);
		}
		case 404: {
			const mcp = await target.askMcp();
			if (failed(mcp) || mcp.status === 404 || refusalIn(mcp) === undefined)
				return notThere(target, `${url} does not exist ${said}`);
			return failure(
				`${url} serves agents, and no windows or command lines ${said}`,
				"The server runs an older version of MCP Mem0.",
				[advice("Ask whoever runs the server to update MCP Mem0 there"), openUrl],
			);
		}
		case 429:
			return failure(`${host} is asked too often ${said}`, "The server limits the requests of each person.", [
				waitAMoment,
			]);
		case 503:
			return failure(
				`${host} cannot answer now ${said}`,
				"The server is ending, or what it needs to let people in is away: its database or its identity provider.",
				[waitAMoment, askOperator],
			);
		default:
			return failure(`${url} refuses the request ${said}`, "The server's own words say why.", [
				seeServerLog,
				openUrl,
			]);
	}
}

/** Something before the server has answered, or something else than the server. */
async function explainOther(target: TeamTarget, first: Answer): Promise<CheckResult> {
	const { url, host, openUrl } = target;
	const { status, headers, body } = first;
	if (status >= 300 && status < 400) return explainRedirect(target, headers.location);
	if (status === 401 || status === 403 || status === 407)
		return failure(
			`Something before ${host} refuses the request (HTTP ${status}).`,
			"A proxy or gateway has a sign-in of its own, or does not allow this path.",
			[withoutSignIn, openUrl],
		);
	if (status >= 502 && status <= 504)
		return failure(
			`A proxy answers for ${host}, and does not reach the server behind it (HTTP ${status}).`,
			"The server is not running, is being restarted, or listens elsewhere than the proxy asks.",
			[advice("Ask whoever runs the server to start it, and to see the proxy's log")],
		);
	const mcp = await target.askMcp();
	if (!failed(mcp) && refusalIn(mcp) !== undefined && mcp.status !== 404)
		return failure(
			`${url} is a server of MCP Mem0, and ${new URL(url).pathname}/memory/ below it is not (HTTP ${status}).`,
			"A proxy before the server passes on the MCP endpoint alone.",
			[advice("Have the proxy pass on all paths below the MCP endpoint, too"), openUrl],
		);
	const what = isWebPage(body)
		? "answers with a web page"
		: status === 404 || status === 405
			? "does not exist"
			: "does not answer as MCP Mem0 does";
	return notThere(target, `${url} ${what} (HTTP ${status}).`, isWebPage(body));
}

/** Requests follow no redirect, so that no other host gets the token. */
function explainRedirect({ url, setUrl, openUrl }: TeamTarget, location: string | undefined): CheckResult {
	const to = URL.parse(location ?? "", `${url}${about}`);
	const place = to ? `${to.origin}${to.pathname}` : "another address";
	if (!to?.pathname.endsWith(about))
		return failure(`${url} redirects to ${place}.`, "A proxy before the server wants people to sign in.", [
			withoutSignIn,
			openUrl,
		]);
	return failure(
		`${url} redirects to ${place}.`,
		"Requests do not follow redirects, so that no other host gets the token.",
		[setUrl(place.slice(0, -about.length)), openUrl],
	);
}

/** Looks for the server at the usual paths. */
async function notThere(target: TeamTarget, seen: string, isPage = false): Promise<CheckResult> {
	const { url, origin, setUrl, openUrl } = target;
	const fixes: Fix[] = [];
	for (const place of new Set([`${origin}/mcp`, `${url}/mcp`])) {
		const found = place === url ? undefined : await target.askAbout(place);
		if (!found || failed(found)) continue;
		const isThere = aboutIn(found) || (refusalIn(found) !== undefined && found.status !== 404);
		if (isThere) fixes.push(setUrl(place));
	}
	const cause =
		fixes.length > 0
			? "The MCP endpoint is at another path."
			: isPage
				? "The URL leads to a website, or to a proxy that wants people to sign in."
				: "The URL names another path than that of the MCP endpoint, or the server of another program.";
	return failure(seen, cause, [...fixes, openUrl]);
}
