import type { Clock } from "../../../config/clock.ts";
import type { Log } from "../../../config/log.ts";
import type { OAuthConfig } from "../../../config/team.ts";
import { isUserName } from "../../../memory/access/userName.ts";
import { StoreError } from "../../../store/errors.ts";
import type { Users } from "../../../store/users.ts";
import { quoted } from "../../quoted.ts";
import type { Refusal } from "../admission.ts";
import { type Admission, type Caller, type Gate, isSame, ownToken } from "./caller.ts";
import { Directory } from "./directory.ts";
import { type IdentityProvider, ProviderAway, TokenRefused } from "./identityProvider.ts";
import { challenge } from "./resourceMetadata.ts";

export interface TeamGateOptions {
	readonly users: Users;
	/** The server's own. */
	readonly token: string;
	readonly oauth?: OAuthConfig | undefined;
	/** Of that configuration. */
	readonly provider?: IdentityProvider | undefined;
	/** The URL of the MCP endpoint, as clients see it. */
	readonly resource: () => string;
	readonly clock: Clock;
	readonly log: Log;
}

export const notOfATeam: Refusal = [
	403,
	-32000,
	"This is the server's own token, which opens only /metrics where the server has users. Use your own; an administrator makes one with: mcp-mem0 user add NAME",
];

/** Lets in the users of the database, and those of the identity provider; where there are none, the server's own token. */
export function teamGate(options: TeamGateOptions): Gate {
	const { users, token: own, oauth, provider, resource, clock, log } = options;
	const directory = new Directory(users, clock, log);
	const alone = ownToken(own);
	const isTeam = async () => oauth !== undefined || (await directory.isTeam());

	/** @param error as RFC 6750 names it. */
	const refused = (why: string, error?: "invalid_token"): Admission => ({
		refusal: [401, -32000, why, { "WWW-Authenticate": challenge(oauth && resource(), oauth?.scopes, error) }],
	});
	const unknown = () =>
		refused(
			"This token is not valid, or not any more. Ask an administrator for one: mcp-mem0 user add NAME",
			"invalid_token",
		);

	const ofProvider = async (token: string, { audience, scopes, userClaim, admins }: OAuthConfig) => {
		const claims = await (provider as IdentityProvider).claimsOf(token, audience ?? resource());
		const { [userClaim]: name, email_verified: verified, exp = 0 } = claims;
		if (typeof name !== "string" || !isUserName(name)) {
			log.warn(`OAuth: a token's claim ${userClaim} names no user (${quoted(String(name ?? "none"))}).`);
			return refused(`The access token names no user in its claim ${userClaim}.`, "invalid_token");
		}
		if (userClaim === "email" && verified === false)
			return refused("The identity provider has not verified this email address.", "invalid_token");
		const missing = scopes.filter((scope) => !scopesOf(claims).includes(scope));
		if (missing.length > 0) {
			const header = challenge(resource(), scopes, "insufficient_scope");
			const why = `The access token lacks the scope ${missing.join(" ")}.`;
			return { refusal: [403, -32000, why, { "WWW-Authenticate": header }] } as const;
		}
		if ((await directory.named(name))?.revokedAt !== undefined)
			return refused(`${name} was revoked on this server.`, "invalid_token");
		const admin = admins.includes(name);
		const actor = { userId: name, admin };
		return { caller: { actor, memory: true, metrics: admin, expiresAt: 1000 * exp } };
	};

	const decide = async (token: string | undefined): Promise<Admission> => {
		if (!(await isTeam())) return alone.admit(token);
		if (token === undefined) return refused("Send your token in the header «Authorization: Bearer TOKEN».");
		if (isSame(token, own)) return { caller: { memory: false, metrics: true } };
		const user = await directory.ofToken(token);
		if (user) {
			directory.note(user.name);
			const { name, admin, tokenHash } = user;
			return { caller: { actor: { userId: name, admin }, memory: true, metrics: admin, tokenHash } };
		}
		return oauth && token.split(".").length === 3 ? ofProvider(token, oauth) : unknown();
	};

	return {
		async admit(token) {
			try {
				return await decide(token);
			} catch (error) {
				if (error instanceof TokenRefused) return refused(error.message, "invalid_token");
				const away = awayOf(error);
				if (away === undefined) throw error;
				log.warn(`Nobody can be let in: ${(error as Error).message}`);
				return { refusal: away };
			}
		},
		async standing({ actor, tokenHash, expiresAt = Number.POSITIVE_INFINITY }: Caller) {
			try {
				if (!actor) return (await isTeam()) ? "out" : "in";
				const user = await directory.named(actor.userId);
				if (user?.revokedAt !== undefined) return "out";
				if (tokenHash !== undefined && user?.tokenHash !== tokenHash) return "out";
				return clock.now() > expiresAt ? "expired" : "in";
			} catch (error) {
				if (error instanceof StoreError) return "in";
				throw error;
			}
		},
	};
}

function awayOf(error: unknown): Refusal | undefined {
	const retry = { "Retry-After": "5" };
	if (error instanceof ProviderAway)
		return [503, -32000, "The identity provider cannot be asked now. Try again soon.", retry];
	if (error instanceof StoreError)
		return [503, -32000, "The database of the users cannot be asked now. Try again soon.", retry];
	return undefined;
}

/** As RFC 9068 has it, or Microsoft Entra. */
function scopesOf({ scope, scp }: Readonly<Record<string, unknown>>): readonly string[] {
	return [scope, scp].flatMap((given) =>
		typeof given === "string"
			? given.split(" ")
			: Array.isArray(given)
				? given.filter((each) => typeof each === "string")
				: [],
	);
}
