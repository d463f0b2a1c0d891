import { redactor } from "../../../config/redact.ts";
import { readTeamServerUrl } from "../../../config/teamServer.ts";
import { isRecord, jsonOf } from "../../../endpoints/openai/answerBody.ts";
import { errorText } from "../../../memory/errorText.ts";
import { answers } from "../../../memory/remote/answerSchemas.ts";
import type { ResultOf } from "../../../memory/remote/calls.ts";
import { KeptSaves, keptFolder } from "../../../memory/remote/keptSaves.ts";
import { createTeamClient, type TeamAccess } from "../../../memory/remote/teamClient.ts";
import { StoreError } from "../../../store/errors.ts";
import { oneLine } from "../../../text/inert.ts";
import { type CheckResult, failure, warning } from "../../findings.ts";
import { advice, enterKey, moreTime, openSetting, seeServerLog, setVariable } from "../../fixes.ts";
import { type Answer, type Failure, failed, firstBytes, send } from "../../probe.ts";
import type { Fix } from "../../report.ts";
import type { Run } from "../../run.ts";
import type { ServerTarget } from "../../serverTarget.ts";

export type TeamTarget = ReturnType<typeof createTeamTarget>;
type About = ResultOf<"about">;

/** Characters of a server's words that people are shown. */
const longestQuote = 300;

/** ms to wait for the first bytes of an event stream. */
const patience = 5000;

/** What people may do who have no token, or one that does not work. */
export const askForToken = advice("Ask an administrator of the server for a token: mcp-mem0 user add NAME");
export const waitAMoment = advice("Wait a moment, and run the check again");
export const askOperator = advice("Ask whoever runs the server: mcp-mem0 doctor there says more");

/** A team's server that is examined, how to ask it, and what the checks so far have learned about it. */
export function createTeamTarget(server: TeamAccess, memoryDir: string, run: Run) {
	const { url, network } = server;
	const { deadline, signal, evidence } = run;
	const { origin, host } = new URL(url);
	let known: Promise<string | undefined> | undefined;
	let redact = redactor([]);
	const token = () => {
		known ??= (async () => {
			const given = typeof server.token === "function" ? await server.token() : server.token;
			// One that a window lends is in no configuration.
			if (given) redact = redactor([given]);
			return given || undefined;
		})();
		return known;
	};
	const client = createTeamClient({ url, network, token });
	const headersOf = async (accept: string, anonymously = false): Promise<Record<string, string>> => {
		const given = anonymously ? undefined : await token();
		return { accept, ...(given ? { authorization: `Bearer ${given}` } : {}) };
	};
	/** Asks who one is for a server at another URL of the same origin. @param anonymously without the token. */
	const askAbout = async (at = url, anonymously = false) => {
		const headers = {
			...(await headersOf("application/json", anonymously)),
			"content-type": "application/json",
		};
		const place = `${at}/memory/about`;
		return send({ method: "POST", url: place, headers, body: [], deadline, signal, network });
	};
	/** " It said: “…”.", without the token; empty if the server said nothing. */
	const quote = (answer: Answer) => {
		const said = refusalIn(answer);
		return said ? ` It said: “${oneLine(redact(said), longestQuote)}”.` : "";
	};
	let first: Promise<Answer | Failure> | undefined;
	let status: Promise<ResultOf<"status">> | undefined;

	return {
		url,
		origin,
		client,
		token,
		askAbout,
		/** Asks the MCP endpoint itself for an event stream, which no session is open for. */
		askMcp: async () => {
			const headers = await headersOf("text/event-stream");
			return send({ method: "GET", url, headers, deadline, signal, network });
		},
		/** Opens the stream that tells of changes. */
		changes: async () => {
			const headers = await headersOf("text/event-stream");
			const wait = Math.min(deadline, patience);
			return firstBytes({ url: `${url}/memory/changes`, headers, deadline: wait, signal, network });
		},
		status: () => {
			status ??= client.call("status", [], { signal, timeout: deadline });
			return status;
		},
		quote,
		keptFor: "the team's server",
		inspectKept: async () => {
			const kept = new KeptSaves(keptFolder(memoryDir, url));
			const saves = await kept.all();
			const [oldest] = saves;
			const since = oldest === undefined ? {} : { since: oldest.at };
			return { waiting: saves.length, ...since, refused: await kept.refused() };
		},
		enterToken: enterKey("TEAM_SERVER_TOKEN", origin, `Enter the token for ${origin}`),

		host,
		endpoint: { baseUrl: url, network },
		run,
		way: undefined as ServerTarget["way"],
		first: () => {
			first ??= askAbout();
			return first;
		},
		recordFirst: (outcome: Answer | Failure) => {
			const what = failed(outcome) ? outcome.code : `HTTP ${outcome.status}${quote(outcome)}`;
			evidence.push(`POST ${url}/memory/about: ${what} after ${Math.round(outcome.duration)} ms`);
		},
		setUrl: (corrected: string, label = `Use ${corrected}`) =>
			"url" in readTeamServerUrl(corrected)
				? setVariable("TEAM_SERVER_URL", corrected, label)
				: advice("Put a proxy with a certificate before it: no token is sent over http to another network"),
		openUrl: openSetting("TEAM_SERVER_URL"),
		start: advice("Ask whoever runs the server to start it"),
		usualPort: "MCP Mem0 itself has 8050, and a proxy before it 443",
	};
}

/** What goes wrong with a request to the memory is a finding. The memory itself is more patient than a check. */
export async function orFailure(
	{ run: { signal } }: Pick<TeamTarget, "run">,
	cause: string,
	work: () => Promise<CheckResult>,
	fixes: readonly Fix[] = [askOperator, seeServerLog],
): Promise<CheckResult> {
	try {
		return await work();
	} catch (error) {
		signal.throwIfAborted();
		const seen = errorText(error);
		if (error instanceof StoreError && error.cause === "TIMEOUT")
			return warning(seen, "The server is slow, or its models are.", [moreTime, askOperator]);
		if (error instanceof StoreError && error.kind === "busy")
			return warning(seen, "It is held up for a moment, or was asked too often.", [waitAMoment, askOperator]);
		return failure(seen, cause, fixes);
	}
}

/** What a team's server answers to somebody it lets in. */
export function aboutIn({ status, body }: Answer): About | undefined {
	const value = jsonOf(body);
	const read = answers.about.safeParse(status === 200 && isRecord(value) ? value.result : undefined);
	return read.success ? (read.data as About) : undefined;
}

/** What a server of MCP Mem0 says as it refuses a request. Undefined: something else has answered. */
export function refusalIn({ body }: Answer): string | undefined {
	const value = jsonOf(body);
	if (!isRecord(value) || !isRecord(value.error)) return undefined;
	const { message, kind } = value.error;
	const isOurs = value.jsonrpc === "2.0" || typeof kind === "string";
	return isOurs && typeof message === "string" ? message : undefined;
}
