import { isRecord, jsonOf } from "../../../endpoints/openai/answerBody.ts";
import { type Check, type CheckResult, explainedAbove, failure, ok } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import { type Answer, failed } from "../../probe.ts";
import type { Fix } from "../../report.ts";
import { aboutIn, askForToken, type TeamTarget } from "./teamTarget.ts";

/** As whom the server lets one in. */
export const token: Check<TeamTarget> = {
	stage: "token",
	title: "Token",
	run: async (target) => {
		const first = await target.first();
		if (failed(first)) return explainedAbove;
		const about = aboutIn(first);
		if (!about) return explainRefusedToken(target, first, await target.token());
		if (!about.team) return ok("The server is of one person, and takes its own token.");
		return ok(
			`The server knows you as ${about.userId}${about.admin ? ", who is one of its administrators" : ""}.`,
		);
	},
};

function explainRefusedToken(target: TeamTarget, first: Answer, given: string | undefined): CheckResult {
	const { host, origin, enterToken } = target;
	const { status, headers } = first;
	const result = (what: string, cause: string, ...fixes: readonly Fix[]) =>
		failure(`${host} ${what} (HTTP ${status}).${target.quote(first)}`, cause, fixes);
	if (given === undefined)
		return result("wants a token", `No token is stored for ${origin}.`, enterToken, askForToken);
	const challenge = String(headers["www-authenticate"] ?? "");
	if (status === 403 && challenge.includes("insufficient_scope"))
		return result(
			"lets the token in for something else",
			"The identity provider gave the token too few scopes.",
			advice("Have the identity provider give tokens for this server the scopes that it names"),
			enterToken,
		);
	if (status === 403)
		return result(
			"takes the token for its metrics alone",
			"It is AUTH_TOKEN, the server's own. Where a server has users, each has a token of their own.",
			askForToken,
			enterToken,
		);
	const expiry = expiryOf(given);
	if (expiry !== undefined && expiry < Date.now())
		return result(
			"refuses the token",
			`It is a token of an identity provider, and expired at ${new Date(expiry).toISOString()}. Nothing here renews such tokens.`,
			askForToken,
			enterToken,
		);
	if (/^(your|my|xxx|changeme|token|none|null|undefined)/i.test(given))
		return result(
			"refuses the token",
			"The token looks like the placeholder of an example. It was sent as it is.",
			enterToken,
			askForToken,
		);
	return result(
		"refuses the token",
		expiry === undefined
			? "It is mistyped, was renewed or revoked, or belongs to another server."
			: "It is a token of an identity provider that this server does not know, or one for another server.",
		enterToken,
		askForToken,
	);
}

/** When a token of an identity provider expires, in ms since 1970; undefined for another token. */
function expiryOf(text: string): number | undefined {
	const parts = text.split(".");
	const claims = parts.length === 3 ? jsonOf(Buffer.from(parts[1] ?? "", "base64url").toString()) : undefined;
	return isRecord(claims) && typeof claims.exp === "number" ? 1000 * claims.exp : undefined;
}
