import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { silentLog } from "../../../src/config/log.ts";
import { directly } from "../../../src/config/network.ts";
import type { Environment } from "../../../src/config/variables.ts";
import type { ExamineOptions } from "../../../src/doctor/doctor.ts";
import { toText } from "../../../src/doctor/output/text.ts";
import { type Fix, type Report, worstOf } from "../../../src/doctor/report.ts";
import { startHttpHost } from "../../../src/mcp/hosts/http.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import { revokeUser } from "../../../src/memory/access/accounts.ts";
import { protocol } from "../../../src/memory/remote/calls.ts";
import {
	applied,
	envOf,
	examined,
	firstTrouble,
	type Workbench,
	withWorkbench,
} from "../../support/fixtures/brokenSetups.ts";
import { makeAuthority, makeCertificate } from "../../support/fixtures/certificate.ts";
import { TestIdentityProvider } from "../../support/fixtures/identityProvider.ts";
import { inside, startFaultyProxy, startProxy } from "../../support/fixtures/proxies.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import { type ReverseProxy, reverseProxy } from "../../support/team/reverseProxy.ts";
import { startTeam, type Team } from "../../support/team/teamFixture.ts";

/** What a test has: a team's server, and Ada's token for it. */
interface Given extends Workbench {
	readonly team: Team;
	readonly port: string;
	readonly token: string;
	/** Closes something after the test. */
	readonly later: (close: () => unknown) => void;
}

interface Made {
	readonly url: string;
	/** Default: Ada's. */
	readonly token?: string | undefined;
	readonly ambient?: Environment;
	readonly mend?: () => unknown;
}

interface Case {
	/** Completes "tells of …". */
	readonly name: string;
	readonly make: (given: Given) => Promise<Made>;
	readonly id: string;
	readonly status?: "warning";
	readonly seen: RegExp;
	readonly cause: RegExp;
	/** The label of a fix. */
	readonly fix: RegExp;
	/** Whether the fix makes it green. */
	readonly mends?: true;
	readonly deadline?: number;
}

const authority = makeAuthority("Test Authority");
const roles = ["configuration", "chat", "embedding", "storage"] as const;
const at = (port: number | string, path = "/mcp") => `http://127.0.0.1:${port}${path}`;

type Own = NonNullable<ReverseProxy["own"]>;

/** A page in the place of the answer. */
function page(status: number, headers: Readonly<Record<string, string>> = {}): Own {
	return (_, response) => {
		response.writeHead(status, { "content-type": "text/html", ...headers }).end("<html>Not this</html>");
		return true;
	};
}

const cases: readonly Case[] = [
	{
		name: "a server that is not running",
		make: async ({ closedPort }) => ({ url: at(await closedPort()) }),
		id: "storage.tcp",
		seen: /Nothing listens at 127\.0\.0\.1:\d+/,
		cause: /not running/,
		fix: /Ask whoever runs the server to start it/,
	},
	{
		name: "a name that nobody has",
		make: async () => ({ url: "https://team.invalid/mcp" }),
		id: "storage.dns",
		seen: /No host is called team\.invalid/,
		cause: /misspelt/,
		fix: /Correct TEAM_SERVER_URL/,
	},
	{
		name: "a firewall that drops connections",
		make: async ({ blackHole }) => ({ url: at(await blackHole()) }),
		id: "storage.tcp",
		seen: /did not accept a connection within 0\.6 s/,
		cause: /firewall/,
		fix: /VPN and the firewall/,
		deadline: 600,
	},
	{
		name: "a proxy on the way that wants a password",
		make: async ({ later }) => {
			const { origin, close } = await startFaultyProxy(407);
			later(close);
			return { url: `https://${inside}/mcp`, ambient: { HTTPS_PROXY: origin } };
		},
		id: "storage.way",
		seen: /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) wants a user name and a password/,
		cause: /The proxy is at fault/,
		fix: /HTTPS_PROXY/,
	},
	{
		name: "a self-signed certificate",
		make: async ({ tls, port }) => {
			const certificate = makeCertificate({ names: ["localhost"] });
			return { url: `https://localhost:${await tls({ port: Number(port) }, certificate)}/mcp` };
		},
		id: "storage.tls",
		seen: /is self-signed/,
		cause: /vouches/,
		fix: /NODE_EXTRA_CA_CERTS/,
	},
	{
		name: "a certificate that has expired",
		make: async ({ tls, port }) => {
			const [from, to] = [new Date("2020-01-01T00:00:00Z"), new Date("2021-02-03T00:00:00Z")];
			const certificate = makeCertificate({ names: ["localhost"], authority, from, to });
			return { url: `https://localhost:${await tls({ port: Number(port) }, certificate)}/mcp` };
		},
		id: "storage.tls",
		seen: /expired on Feb {1,2}3 .* 2021/,
		cause: /not renewed/,
		fix: /Renew the server's certificate/,
	},
	{
		name: "a certificate for another name",
		make: async ({ tls, port }) => {
			const certificate = makeCertificate({ names: ["localhost"], authority });
			return { url: `https://127.0.0.1:${await tls({ port: Number(port) }, certificate)}/mcp` };
		},
		id: "storage.tls",
		seen: /is for localhost/,
		cause: /names the server 127\.0\.0\.1/,
		fix: /Use the name localhost/,
		mends: true,
	},
	{
		name: "https to a server that speaks http",
		make: async ({ port }) => ({ url: `https://127.0.0.1:${port}/mcp` }),
		id: "storage.tls",
		seen: /does not speak TLS/,
		cause: /speaks http, and the URL says https/,
		fix: /Use http$/,
		mends: true,
	},
	{
		name: "http to a server that speaks https",
		make: async ({ tls, port }) => {
			const certificate = makeCertificate({ names: ["127.0.0.1"], authority });
			return { url: at(await tls({ port: Number(port) }, certificate)) };
		},
		id: "storage.answer",
		seen: /broke off the connection/,
		cause: /speaks https, and the URL says http/,
		fix: /Use https$/,
		mends: true,
	},
	{
		name: "a server that never answers",
		make: async (given) => ({ url: at(await given.raw(() => undefined)) }),
		id: "storage.answer",
		seen: /accepted the connection, and did not answer within 0\.6 s/,
		cause: /hangs or is overloaded/,
		fix: /restart the server/,
		deadline: 600,
	},
	{
		name: "a website in its place",
		make: async (given) => ({ url: at(await reverseProxy(given, given, { own: page(200) })) }),
		id: "storage.answer",
		seen: /answers with a web page \(HTTP 200\)/,
		cause: /website, or to a proxy that wants people to sign in/,
		fix: /Correct TEAM_SERVER_URL/,
	},
	{
		name: "a proxy that sends people to its sign-in",
		make: async (given) => {
			const own = page(302, { location: "https://login.example.com/start?rd=/mcp/memory/about" });
			return { url: at(await reverseProxy(given, given, { own })) };
		},
		id: "storage.answer",
		seen: /redirects to https:\/\/login\.example\.com\/start\./,
		cause: /wants people to sign in/,
		fix: /without a sign-in of its own/,
	},
	{
		name: "a sign-in of the proxy's own",
		make: async (given) => {
			const own = page(401, { "www-authenticate": "Basic" });
			return { url: at(await reverseProxy(given, given, { own })) };
		},
		id: "storage.answer",
		seen: /Something before 127\.0\.0\.1:\d+ refuses the request \(HTTP 401\)/,
		cause: /sign-in of its own/,
		fix: /without a sign-in of its own/,
	},
	{
		name: "an address that has moved",
		make: async (given) => {
			const own = page(308, { location: at(given.port, "/mcp/memory/about") });
			return { url: at(await reverseProxy(given, given, { own })) };
		},
		id: "storage.answer",
		seen: /redirects to http:\/\/127/,
		cause: /do not follow redirects/,
		fix: /Use http:\/\/127\.0\.0\.1:\d+\/mcp$/,
		mends: true,
	},
	{
		name: "a proxy that does not reach the server",
		make: async (given) => ({ url: at(await reverseProxy(given, given, { own: page(502) })) }),
		id: "storage.answer",
		seen: /A proxy answers for 127.*HTTP 502/,
		cause: /not running, is being restarted/,
		fix: /Ask whoever runs the server to start it/,
	},
	{
		name: "another path than that of the MCP endpoint",
		make: async ({ port }) => ({ url: at(port, "/memory") }),
		id: "storage.answer",
		seen: /\/memory does not exist \(HTTP 404\)/,
		cause: /at another path/,
		fix: /Use http:\/\/127\.0\.0\.1:\d+\/mcp$/,
		mends: true,
	},
	{
		name: "an older server, which serves agents alone",
		make: async ({ later }) => {
			const host = await startHttpHost({
				createSession: () =>
					createMcpServer({
						memory: () => Promise.reject(new Error("none")),
						version: "0",
						log: silentLog,
						project: async () => undefined,
					}),
				log: silentLog,
				host: "127.0.0.1",
				port: 0,
			});
			later(() => host.close());
			return { url: host.url, token: host.token };
		},
		id: "storage.answer",
		seen: /serves agents, and no windows/,
		cause: /older version/,
		fix: /update MCP Mem0 there/,
	},
	{
		name: "a proxy that passes on the MCP endpoint alone",
		make: async (given) => {
			const notFound = page(404);
			const own: Own = (request, response) => request.url !== "/mcp" && notFound(request, response);
			return { url: at(await reverseProxy(given, given, { own })) };
		},
		id: "storage.answer",
		seen: /\/mcp\/memory\/ below it is not \(HTTP 404\)/,
		cause: /passes on the MCP endpoint alone/,
		fix: /pass on all paths below/,
	},
	{
		name: "a model's server in its place",
		make: async ({ server }) => ({ url: (await server()).baseUrl }),
		id: "storage.answer",
		seen: /\/v1 does not .*\(HTTP 404\)/,
		cause: /the server of another program/,
		fix: /Correct TEAM_SERVER_URL/,
	},
	{
		name: "a name that the server does not know",
		make: async ({ tls, port, later }) => {
			const proxy = await startProxy();
			later(proxy.close);
			const through = await tls({ port: Number(port) }, makeCertificate({ names: [inside], authority }));
			return { url: `https://${inside}:${through}/mcp`, ambient: { HTTPS_PROXY: proxy.origin } };
		},
		id: "storage.answer",
		seen: /HTTP 403\)\. It said: “.*llm\.corp\.test.* is not among ALLOWED_HOSTS/,
		cause: /serves only names that it knows/,
		fix: /add .* to ALLOWED_HOSTS, or set PUBLIC_URL=https:\/\/llm\.corp\.test/,
	},
	{
		name: "a token that is not there",
		make: async ({ port, token }) => ({ url: at(port), token: undefined, mend: () => token }),
		id: "storage.token",
		seen: /wants a token \(HTTP 401\)/,
		cause: /No token is stored for http:\/\/127/,
		fix: /Enter the token for http:\/\/127/,
		mends: true,
	},
	{
		name: "a token that was revoked",
		make: async ({ team, port }) => {
			const token = await team.tokenOf("eve");
			await revokeUser(team.store.users, "eve");
			await team.clock.pass(2500);
			return { url: at(port), token };
		},
		id: "storage.token",
		seen: /refuses the token \(HTTP 401\)\. It said/,
		cause: /mistyped, was renewed or revoked/,
		fix: /mcp-mem0 user add/,
	},
	{
		name: "the server's own token in the place of a person's",
		make: async ({ team, port }) => ({ url: at(port), token: team.host.token }),
		id: "storage.token",
		seen: /takes the token for its metrics alone \(HTTP 403\)/,
		cause: /It is AUTH_TOKEN/,
		fix: /mcp-mem0 user add/,
	},
	{
		name: "a token of the identity provider that has expired",
		make: async ({ later }) => {
			const provider = await TestIdentityProvider.start();
			later(() => provider.stop());
			const oauth = {
				issuer: provider.issuer,
				audience: undefined,
				scopes: [],
				userClaim: "sub",
				admins: [],
				network: directly,
			};
			const team = await startTeam({ oauth });
			later(() => team.close());
			const exp = Math.floor(Date.now() / 1000) - 3600;
			const token = await provider.sign({ iss: provider.issuer, aud: team.host.url, sub: "ada", exp });
			return { url: team.host.url, token };
		},
		id: "storage.token",
		seen: /refuses the token \(HTTP 401\)\. It said: “The access token has expired/,
		cause: /identity provider, and expired at 20/,
		fix: /mcp-mem0 user add/,
	},
	{
		name: "a server with a newer protocol",
		make: async (given) => {
			const rewrite = ["/about", (about: object) => ({ ...about, protocol: protocol + 1 })] as const;
			return { url: at(await reverseProxy(given, given, { rewrite })) };
		},
		id: "storage.version",
		status: "warning",
		seen: /with version 2 of the protocol; here it is 1/,
		cause: /newer than this program/,
		fix: /Update MCP Mem0 here/,
	},
	{
		name: "a server with an older protocol",
		make: async (given) => {
			const rewrite = ["/about", (about: object) => ({ ...about, protocol: protocol - 1 })] as const;
			return { url: at(await reverseProxy(given, given, { rewrite })) };
		},
		id: "storage.version",
		status: "warning",
		seen: /with version 0 of the protocol/,
		cause: /older than this program/,
		fix: /update MCP Mem0 there/,
	},
	{
		name: "a database that is away behind the server",
		make: async (given) => {
			const away = { problem: "db.example.com does not answer.", waiting: 2 };
			const rewrite = ["/status", (status: object) => ({ ...status, away })] as const;
			return { url: at(await reverseProxy(given, given, { rewrite })) };
		},
		id: "storage.database",
		seen: /cannot use its database: db\.example\.com does not answer/,
		cause: /does not reach it/,
		fix: /mcp-mem0 doctor there says more/,
	},
	{
		name: "what the server tells of itself",
		make: async (given) => {
			const rewrite = [
				"/status",
				(status: object) => ({ ...status, notices: ["A damaged file was set aside."] }),
			] as const;
			return { url: at(await reverseProxy(given, given, { rewrite })) };
		},
		id: "storage.database",
		status: "warning",
		seen: /0 memories there/,
		cause: /A damaged file was set aside/,
		fix: /mcp-mem0 doctor there says more/,
	},
	{
		name: "a model of the server that fails",
		make: async (given) => {
			const change = (status: Record<string, unknown>) => ({
				...status,
				embedding: { ...(status.embedding as object), state: "failing", problem: "gpu1 is down." },
			});
			return { url: at(await reverseProxy(given, given, { rewrite: ["/status", change] })) };
		},
		id: "embedding.provider",
		status: "warning",
		seen: /The team's server asks its own: .*, failing/,
		cause: /gpu1 is down/,
		fix: /mcp-mem0 doctor there says more/,
	},
	{
		name: "a server that is slow with a probe",
		make: async (given) => {
			const own: Own = ({ url }) => url?.endsWith("/probe") === true;
			return { url: at(await reverseProxy(given, given, { own })) };
		},
		id: "storage.round-trip",
		status: "warning",
		seen: /did not answer within 2 s/,
		cause: /The server is slow/,
		fix: /Allow more time for a check/,
		deadline: 1500,
	},
	{
		name: "an event stream that is broken off",
		make: async (given) => {
			const own: Own = ({ url }, response) => {
				if (!url?.endsWith("/changes")) return false;
				response.destroy();
				return true;
			};
			return { url: at(await reverseProxy(given, given, { own })) };
		},
		id: "storage.changes",
		status: "warning",
		seen: /was broken off \(ECONNRESET\)/,
		cause: /Changes of colleagues arrive late/,
		fix: /See the server's log/,
	},
	{
		name: "more requests than the server takes of one person",
		make: async ({ later }) => {
			const limited = await startTeam({ requestsPerMinute: 1 });
			later(() => limited.close());
			return { url: limited.host.url, token: await limited.tokenOf("ada") };
		},
		id: "storage.database",
		status: "warning",
		seen: /is asked too often \(HTTP 429\)/,
		cause: /asked too often/,
		fix: /Wait a moment/,
	},
	{
		name: "a proxy that holds back the event stream",
		make: async (given) => ({ url: at(await reverseProxy(given, given, { buffers: true })) }),
		id: "storage.changes",
		status: "warning",
		seen: /Nothing came from .*\/mcp\/memory\/changes within/,
		cause: /Changes of colleagues arrive late/,
		fix: /proxy_buffering off/,
		deadline: 2500,
	},
];

describe("The Endpoint Doctor, of a team's server", function () {
	this.timeout(60_000);
	const usual = getCACertificates("default");
	let team: Team;
	let token: string;
	before(async () => {
		setDefaultCACertificates([...usual, authority.cert]);
		await warmUp();
		team = await startTeam();
		token = await team.tokenOf("ada");
	});
	after(async () => {
		setDefaultCACertificates(usual);
		await team.close();
	});

	const environment = (url: string, more: Environment = {}): Environment => ({
		MEMORY_DIR: join(temporaryFolder(), "none"),
		TEAM_SERVER_URL: url,
		TEAM_SERVER_TOKEN: token,
		...more,
	});
	const examine = (env: Environment, ambient: Environment = {}, options: Partial<ExamineOptions> = {}) =>
		examined(env, ambient, { roles, ...options });
	const statusOf = (report: Report, id: string) => report.findings.find((each) => each.id === id)?.status;

	for (const { name, make, id, status, seen, cause, fix, mends, deadline } of cases)
		it(`tells of ${name}`, () =>
			withWorkbench(async (bench) => {
				const closing: (() => unknown)[] = [];
				const { port } = new URL(team.host.url);
				try {
					const made = await make({ ...bench, team, port, token, later: (close) => closing.push(close) });
					const { url, ambient = {}, mend } = made;
					const env = environment(url, "token" in made ? { TEAM_SERVER_TOKEN: made.token } : {});
					const options = deadline === undefined ? {} : { deadline };
					const report = await examine(env, ambient, options);
					const found = firstTrouble(report);
					const text = toText(report);
					assert.equal(found?.id, id, text);
					assert.equal(found.status, status ?? "failed", text);
					assert.match(found.seen, seen);
					assert.match(found.cause ?? "", cause);
					const offered = found.fixes.find(({ label }) => fix.test(label));
					assert.ok(offered, found.fixes.map(({ label }) => label).join("; "));
					if (!mends) return;
					const entered = (given: Fix) =>
						given.kind === "enter-key" ? { ...env, [given.variable]: String(mend?.()) } : applied(env, given);
					const after = await examine(entered(offered), ambient);
					assert.equal(worstOf(after.findings), "ok", toText(after));
				} finally {
					for (const close of closing.reverse()) await close();
				}
			}));

	it("says who one is there, what the server asks, and that all is well; nothing is asked or made here", () =>
		withWorkbench(async (bench) => {
			const endpoint = await bench.server();
			const env = environment(team.host.url, envOf(endpoint.baseUrl));
			const report = await examine(env);
			const text = toText(report);
			assert.equal(worstOf(report.findings), "ok", text);
			assert.match(text, /The server knows you as ada\./);
			assert.match(text, /MCP Mem0 1\.2\.3, with version 1 of the protocol, as here/);
			assert.match(text, /Language model\n +ok +Language model: The team's server has none/);
			assert.match(
				text,
				/Embeddings\n +ok +Embeddings: The team's server asks its own: the built-in model, (working|not asked yet)\./,
			);
			assert.match(text, /A probe memory was saved \(kept word for word\), found and deleted in \d+ ms/);
			assert.match(text, /They arrive as they happen/);
			assert.equal(endpoint.requests.length, 0);
			assert.equal(existsSync(env.MEMORY_DIR ?? ""), false);
		}));

	it("makes no probe for a test of the connection, and says less of models that are not known", async () => {
		const report = await examine(environment(team.host.url), {}, { depth: "connection" });
		assert.equal(worstOf(report.findings), "ok", toText(report));
		assert.equal(statusOf(report, "storage.token"), "ok");
		assert.equal(statusOf(report, "storage.round-trip"), undefined);
		const refused = await examine(environment(team.host.url, { TEAM_SERVER_TOKEN: "mem0_wrong" }));
		assert.equal(statusOf(refused, "chat.provider"), "skipped");
		const modelAlone = await examine(environment(team.host.url), {}, { roles: ["embedding"] });
		assert.deepEqual(
			modelAlone.findings.map(({ id, status }) => [id, status]),
			[["embedding.provider", "ok"]],
		);
	});

	it("offers to leave out one of two places for the memory", async () => {
		const url = "postgresql://ada@db.example.com/mem0";
		const report = await examine(environment(team.host.url, { DATABASE_URL: url }));
		const labels = report.findings[0]?.fixes.map(({ label }) => label);
		assert.deepEqual(labels, ["Leave TEAM_SERVER_URL unset", "Leave DATABASE_URL unset"]);
	});
});
