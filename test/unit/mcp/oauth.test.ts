import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { silentLog } from "../../../src/config/log.ts";
import { directly } from "../../../src/config/network.ts";
import type { OAuthConfig } from "../../../src/config/team.ts";
import { type HttpHost, startHttpHost } from "../../../src/mcp/hosts/http.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import { addUser, revokeUser } from "../../../src/memory/access/accounts.ts";
import type { Actor } from "../../../src/memory/access/actor.ts";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { TestIdentityProvider, TestLogin } from "../../support/fixtures/identityProvider.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { TestClock } from "../../support/fixtures/testClock.ts";
import { openTestStore } from "../../support/postgres/testStore.ts";

describe("The HTTP server with an identity provider", function () {
	this.timeout(60_000);
	let provider: TestIdentityProvider;
	let store: MemoryStore;
	let host: HttpHost;
	let clock: TestClock;
	/** Whoever a session was made for. */
	const came: (Actor | undefined)[] = [];

	beforeEach(async () => {
		provider = await TestIdentityProvider.start();
		({ store } = await openTestStore(temporaryFolder()));
		clock = new TestClock();
		came.splice(0);
	});
	afterEach(async () => {
		await host.close();
		await store.close();
		await provider.stop();
	});

	async function start(more: Partial<OAuthConfig> = {}): Promise<void> {
		const oauth = {
			issuer: provider.issuer,
			audience: undefined,
			scopes: ["memory.use"],
			userClaim: "sub",
			admins: ["ada"],
			network: directly,
			...more,
		};
		host = await startHttpHost({
			createSession: ({ actor }) => {
				came.push(actor);
				return createMcpServer({
					memory: () => Promise.reject(new Error("not asked for")),
					version: "1",
					log: silentLog,
					project: async () => undefined,
				});
			},
			log: silentLog,
			host: "127.0.0.1",
			port: 0,
			clock,
			team: { users: store.users, oauth, publicUrl: undefined, requestsPerMinute: 0 },
		});
		provider.serve(host.url);
	}

	/** Logs in as the SDK's client does, which finds everything by itself. */
	async function logIn(name: string): Promise<TestLogin> {
		const login = new TestLogin(name);
		const transport = () => new StreamableHTTPClientTransport(new URL(host.url), { authProvider: login });
		const first = transport();
		const client = () => new Client({ name: "editor", version: "1" });
		await assert.rejects(client().connect(first as Transport), UnauthorizedError);
		await first.finishAuth(await login.inBrowser());
		const connected = client();
		await connected.connect(transport() as Transport);
		assert.ok((await connected.listTools()).tools.length > 0);
		await connected.close();
		return login;
	}

	function send(token: string, method = "POST"): Promise<Response> {
		return fetch(host.url, {
			method,
			headers: {
				Authorization: `Bearer ${token}`,
				"Content-Type": "application/json",
				Accept: "application/json, text/event-stream",
			},
			body: JSON.stringify({
				jsonrpc: "2.0",
				id: 0,
				method: "initialize",
				params: {
					protocolVersion: "2025-11-25",
					capabilities: {},
					clientInfo: { name: "hand", version: "1" },
				},
			}),
		});
	}
	async function refusal(token: string): Promise<string> {
		const response = await send(token);
		return `${response.status} ${await response.text()} ${response.headers.get("www-authenticate")}`;
	}
	const tokenOf = (login: TestLogin) => login.tokens()?.access_token ?? assert.fail("no token");

	it("lets people log in as editors do: discovery, registration, code with PKCE, resource indicator", async () => {
		await start();
		const login = await logIn("ada");
		assert.equal(login.opened?.searchParams.get("resource"), host.url);
		assert.equal(login.opened?.searchParams.get("code_challenge_method"), "S256");
		assert.equal(login.opened?.searchParams.get("scope"), "memory.use");
		await logIn("bob");
		assert.deepEqual(came, [
			{ userId: "ada", admin: true },
			{ userId: "bob", admin: false },
		]);
	});

	it("says where its tokens come from, at the root and with the endpoint's path", async () => {
		await start();
		const challenge = (await fetch(host.url, { method: "POST" })).headers.get("www-authenticate") ?? "";
		const [, place = ""] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
		assert.equal(new URL(place).pathname, "/.well-known/oauth-protected-resource/mcp");
		assert.match(challenge, /^Bearer resource_metadata="[^"]+", scope="memory\.use"$/);
		for (const url of [place, new URL("/.well-known/oauth-protected-resource", host.url)])
			assert.deepEqual(await (await fetch(url)).json(), {
				resource: host.url,
				authorization_servers: [provider.issuer],
				bearer_methods_supported: ["header"],
				resource_name: "Mem0",
				scopes_supported: ["memory.use"],
			});
	});

	it("takes the claim that is configured for the person", async () => {
		await start({ userClaim: "email", admins: ["bob@example.com"] });
		await logIn("bob");
		assert.deepEqual(came, [{ userId: "bob@example.com", admin: true }]);
	});

	it("refuses forged tokens, and those for others", async () => {
		await start();
		const token = tokenOf(await logIn("ada"));
		assert.equal((await send(token)).status, 200);
		const [head = "", body = "", signature = ""] = token.split(".");
		const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
		const claims = JSON.parse(Buffer.from(body, "base64url").toString());
		const header = JSON.parse(Buffer.from(head, "base64url").toString());
		const { keys } = (await (await fetch(`${provider.issuer}/jwks`)).json()) as { keys: object[] };
		const publicKey = JSON.stringify(keys[0]);
		const hs256 = `${encoded({ ...header, alg: "HS256" })}.${body}`;
		const forged = {
			"without a signature": `${encoded({ ...header, alg: "none" })}.${body}.`,
			"alg None": `${encoded({ ...header, alg: "None" })}.${body}.${signature}`,
			"signed with the public key": `${hs256}.${createHmac("sha256", publicKey).update(hs256).digest("base64url")}`,
			"another person": `${head}.${encoded({ ...claims, sub: "bob" })}.${signature}`,
			"another key id": `${encoded({ ...header, kid: "mine" })}.${body}.${signature}`,
			"key of its own": `${encoded({ ...header, kid: undefined, jwk: keys[0], jku: "http://evil.example" })}.${body}.${"A".repeat(342)}`,
			"critical header": `${encoded({ ...header, crit: ["x"], x: 1 })}.${body}.${signature}`,
			"no JWT": "a.b.c",
			"half of it": `${head}.${body}.`,
		};
		for (const [what, each] of Object.entries(forged)) assert.match(await refusal(each), /^401 /, what);
	});

	it("takes a token only from its issuer, for itself, at its time, with a name and the scope", async () => {
		await start();
		const now = Math.floor(Date.now() / 1000);
		const good = {
			iss: provider.issuer,
			aud: host.url,
			sub: "ada",
			exp: now + 300,
			iat: now,
			scope: "openid memory.use",
		};
		const sent = async (more: object) => refusal(await provider.sign({ ...good, ...more }));
		for (const fine of [
			{},
			{ aud: ["https://other.example", host.url] },
			{ scope: undefined, scp: ["memory.use"] },
			{ exp: now - 50 },
			{ nbf: now + 50 },
		])
			assert.match(await sent(fine), /^200 /, JSON.stringify(fine));
		const refused: readonly [more: object, why: RegExp][] = [
			[{ exp: now - 70 }, /^401 .*has expired.*error="invalid_token", resource_metadata="http/],
			[{ nbf: now + 70 }, /^401 .*not valid yet/],
			[{ exp: undefined }, /^401 .*lacks what it needs \(exp\)/],
			[{ iss: "https://evil.example" }, /^401 .*another issuer/],
			[{ iss: `${provider.issuer}/` }, /^401 .*another issuer/],
			[{ aud: "https://other.example/mcp" }, /^401 .*for another server/],
			[{ aud: undefined }, /^401 .*for another server/],
			[{ aud: new URL(host.url).origin }, /^401 .*for another server/],
			[
				{ scope: "openid" },
				/^403 .*lacks the scope memory\.use.*error="insufficient_scope", .*scope="memory\.use"/,
			],
			[{ scope: "memory.used" }, /^403 /],
			[{ sub: undefined }, /^401 .*names no user in its claim sub/],
			[{ sub: 7 }, /^401 .*names no user/],
			[{ sub: "ada\n" }, /^401 .*names no user/],
			[{ sub: "a\u202eb" }, /^401 .*names no user/],
		];
		for (const [more, why] of refused) assert.match(await sent(more), why, JSON.stringify(more));
		await host.close();
		await start({ userClaim: "email" });
		const mail = { ...good, aud: host.url, email: "ada@example.com" };
		assert.match(await sent({ ...mail, email_verified: true }), /^200 /);
		assert.match(await sent({ ...mail, email_verified: false }), /^401 .*not verified/);
	});

	it("answers 503, not 401, while the provider is away and its keys are not known", async () => {
		await start();
		const token = tokenOf(await logIn("ada"));
		provider.away = true;
		assert.equal((await send(token)).status, 200, "known keys count");
		const { url } = host;
		await host.close();
		await start({ audience: url });
		const away = await send(token);
		assert.equal(away.status, 503);
		assert.ok(away.headers.get("retry-after"));
		assert.match(await away.text(), /identity provider cannot be asked now/);
		assert.match(await refusal("mem0_token"), /^401/);
		provider.away = false;
		await new Promise((resolve) => setTimeout(resolve, 5100));
		assert.equal((await send(token)).status, 200);
	});

	it("follows the provider's change of keys, and asks for them only now and then", async () => {
		await start();
		const old = tokenOf(await logIn("ada"));
		for (let i = 0; i < 20; i += 1) await send(old);
		assert.equal(provider.keyRequests, 1);
		await provider.useKeys("second");
		await new Promise((resolve) => setTimeout(resolve, 5100));
		const fresh = tokenOf(await logIn("ada"));
		assert.equal((await send(fresh)).status, 200);
		assert.equal(provider.keyRequests, 2);
		assert.match(await refusal(old), /^401 .*not signed/);
	});

	it("takes its own users' tokens beside, and lets in nobody whom this server has revoked", async () => {
		await start();
		const token = tokenOf(await logIn("bob"));
		const { token: own } = await addUser(store.users, "eve", { admin: false, renew: false });
		await revokeUser(store.users, "bob", true);
		await clock.pass(2500);
		assert.equal((await send(own)).status, 200);
		assert.match(await refusal(token), /^401 .*bob was revoked on this server/);
		assert.match(await refusal(host.token), /^403 .*server's own token/);
	});

	it("ends the event stream of a token that has expired, and keeps the session", async () => {
		await start();
		const token = tokenOf(await logIn("bob"));
		const begun = await send(token);
		await begun.text();
		const session = begun.headers.get("mcp-session-id") ?? "";
		const stream = await fetch(host.url, {
			headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream", "Mcp-Session-Id": session },
		});
		const before = host.sessions;
		const ended = stream.text().catch(() => "cut");
		await clock.pass(310_000);
		await ended;
		assert.equal(host.sessions, before);
	});
});
