import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify, type RemoteJWKSet } from "jose";
import * as z from "zod";
import type { OAuthConfig } from "../../../config/team.ts";
import { createTransport, fetchBy } from "../../../endpoints/network/transport.ts";

/** Signatures that only the provider can make: none with a shared secret, and not `none`. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
/** Seconds by which clocks may differ. */
const clockTolerance = 60;
/** ms */
const timeout = 5000;
/** ms after which an unknown key may have the keys read again: the provider has new ones. */
const cooldown = 5000;
/** ms after which the keys are read again. */
const refreshAfter = 600_000;
/** ms for which keys count that cannot be read again: a provider that is away keeps nobody from their memory. */
const longestAway = 86_400_000;

/** The provider cannot be asked: nothing is known of the token. */
export class ProviderAway extends Error {
	override readonly name = "ProviderAway";
}

/** The token is not one for this server. The message says why, and holds nothing of the token. */
export class TokenRefused extends Error {
	override readonly name = "TokenRefused";
}

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Checks access tokens of an identity provider by its published keys. */
export class IdentityProvider {
	readonly #issuer: string;
	readonly #fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
	#keys: Promise<RemoteJWKSet> | undefined;
	#readAt = 0;
	#failed: { readonly at: number; readonly error: ProviderAway } | undefined;

	constructor({ issuer, network }: OAuthConfig) {
		this.#issuer = issuer;
		this.#fetch = fetchBy(createTransport(network, { keepAlive: false }));
	}

	/**
	 * The claims of a token that is valid now, for this audience.
	 * @throws TokenRefused, ProviderAway
	 */
	async claimsOf(token: string, audience: string): Promise<JWTPayload> {
		const keys = await this.#currentKeys();
		try {
			const { payload } = await jwtVerify(token, keys, {
				issuer: this.#issuer,
				audience,
				algorithms,
				clockTolerance,
				requiredClaims: ["exp"],
			});
			return payload;
		} catch (error) {
			const why = refusalOf(error);
			if (why !== undefined) throw new TokenRefused(why);
			throw this.#away(error);
		}
	}

	async #currentKeys(): Promise<RemoteJWKSet> {
		if (this.#failed && performance.now() - this.#failed.at < cooldown) throw this.#failed.error;
		this.#keys ??= this.#discover().catch((error: unknown) => {
			this.#keys = undefined;
			this.#failed = { at: performance.now(), error: this.#away(error) };
			throw this.#failed.error;
		});
		const keys = await this.#keys;
		if (Date.now() - this.#readAt > refreshAfter) {
			this.#readAt = Date.now();
			// Without an answer, those from before count for a while.
			await keys.reload().catch(() => undefined);
		}
		return keys;
	}

	/** Finds the keys, as RFC 8414 and OpenID Connect Discovery say. */
	async #discover(): Promise<RemoteJWKSet> {
		let failed: unknown;
		for (const place of placesOfMetadata(this.#issuer))
			try {
				const response = await this.#fetch(place, {
					headers: { accept: "application/json" },
					signal: AbortSignal.timeout(timeout),
				});
				if (response.status !== 200) throw new Error(`${place.href} answers ${response.status}`);
				const { issuer, jwks_uri } = Metadata.parse(JSON.parse(await bounded(response)));
				if (issuer !== this.#issuer)
					throw new Error(`${place.href} says that the issuer is ${issuer.slice(0, 200)}`);
				const { protocol, origin } = new URL(jwks_uri);
				if (protocol !== "https:" && origin !== place.origin)
					throw new Error(`${place.href} has its keys at ${jwks_uri.slice(0, 200)}, which is not https`);
				const fetchKeys = async (url: string, { signal }: { readonly signal: AbortSignal }) => {
					const answer = await this.#fetch(url, { headers: { accept: "application/json" }, signal });
					return new Response(await bounded(answer), { status: answer.status });
				};
				return createRemoteJWKSet(new URL(jwks_uri), {
					timeoutDuration: timeout,
					cooldownDuration: cooldown,
					cacheMaxAge: longestAway,
					[customFetch]: fetchKeys,
				});
			} catch (error) {
				failed ??= error;
			}
		throw failed;
	}

	#away(error: unknown): ProviderAway {
		const said = error instanceof Error ? error.message : String(error);
		return new ProviderAway(`The identity provider ${this.#issuer} cannot be asked: ${said}`);
	}
}

function placesOfMetadata(issuer: string): readonly URL[] {
	const { origin, pathname } = new URL(issuer);
	const path = pathname.replace(/\/$/, "");
	return [
		new URL(`${origin}${path}/.well-known/openid-configuration`),
		new URL(`${origin}/.well-known/oauth-authorization-server${path}`),
	];
}

/** Characters that metadata and keys may have. */
const mostCharacters = 1_000_000;

async function bounded(response: Response): Promise<string> {
	const decoder = new TextDecoder();
	let text = "";
	for await (const chunk of response.body ?? []) {
		text += decoder.decode(chunk as Uint8Array, { stream: true });
		if (text.length > mostCharacters) throw new Error("its answer is too long");
	}
	return text;
}

/** Why the token is not valid; undefined where the keys could not be read. */
function refusalOf(error: unknown): string | undefined {
	if (error instanceof errors.JWTExpired) return "The access token has expired.";
	if (error instanceof errors.JWTClaimValidationFailed) {
		if (error.claim === "aud") return "The access token is for another server (audience).";
		if (error.claim === "iss") return "The access token is of another issuer.";
		if (error.claim === "nbf") return "The access token is not valid yet.";
		return `The access token lacks what it needs (${error.claim}).`;
	}
	if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed)
		return "The access token is not signed by the identity provider.";
	const malformed = [
		errors.JOSEAlgNotAllowed,
		errors.JOSENotSupported,
		errors.JWSInvalid,
		errors.JWTInvalid,
		errors.JWKSMultipleMatchingKeys,
	].some((kind) => error instanceof kind);
	return malformed ? "The access token is not one that this server can check (JWT)." : undefined;
}
