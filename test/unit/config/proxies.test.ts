import assert from "node:assert/strict";
import { networkOf, systemProxy } from "../../../src/config/network.ts";
import { isExcepted } from "../../../src/config/noProxy.ts";
import { settleWay, wayInWords, wayTo } from "../../../src/config/proxies.ts";
import { redactor } from "../../../src/config/redact.ts";
import { secretsIn } from "../../../src/config/secrets.ts";
import type { Environment } from "../../../src/config/variables.ts";

const words = async (url: string, env: Environment) =>
	wayInWords(await settleWay(wayTo(url, networkOf(env)), url));
const proxyFor = (url: string, env: Environment) => {
	const way = wayTo(url, networkOf(env));
	return way.kind === "proxy" ? way.proxy : undefined;
};

describe("The way to a server", () => {
	const table: readonly (readonly [url: string, env: Environment, way: string])[] = [
		["https://api.example.com/v1", {}, "directly"],
		["https://api.example.com/v1", { HTTPS_PROXY: " " }, "directly"],
		[
			"https://api.example.com",
			{ HTTPS_PROXY: "http://p.corp:3128" },
			"by the proxy p.corp:3128 (HTTPS_PROXY)",
		],
		["https://api.example.com", { https_proxy: "p.corp:3128" }, "by the proxy p.corp:3128 (https_proxy)"],
		["https://api.example.com", { https_proxy: "", HTTPS_PROXY: "p:1" }, "by the proxy p:1 (HTTPS_PROXY)"],
		[
			"http://api.example.com",
			{ http_proxy: "http://a:1", HTTP_PROXY: "http://b:2" },
			"by the proxy a:1 (http_proxy)",
		],
		["http://api.example.com", { ALL_PROXY: "https://p.corp" }, "by the proxy https://p.corp (ALL_PROXY)"],
		[
			"http://api.example.com",
			{ HTTP_PROXY: "http://[fd00::1]:3128/" },
			"by the proxy [fd00::1]:3128 (HTTP_PROXY)",
		],
		["https://api.example.com", { HTTP_PROXY: "http://p:1" }, "directly: HTTP_PROXY is for http URLs only"],
		["http://api.example.com", { HTTPS_PROXY: "http://p:1" }, "directly: HTTPS_PROXY is for https URLs only"],
		...[
			"localhost",
			"ollama.localhost",
			"127.0.0.1",
			"127.9.8.7",
			"[::1]",
			"[::ffff:127.0.0.1]",
			"0.0.0.0",
		].map(
			(host) =>
				[
					`http://${host}:11434/v1`,
					{ HTTP_PROXY: "http://p:1" },
					"directly: it is on this machine, so HTTP_PROXY does not count",
				] as const,
		),
		[
			"http://db-server.local:8009/v1",
			{ HTTP_PROXY: "http://p:1", NO_PROXY: ".local" },
			"directly: NO_PROXY names it",
		],
		["https://api.example.com", { ALL_PROXY: "socks5://p:1080" }, "by the proxy socks5://p:1080 (ALL_PROXY)"],
		[
			"https://api.example.com",
			{ HTTPS_PROXY: "http://user:pa#ss@p:3128" },
			"by nothing: HTTPS_PROXY does not name a proxy that can be used",
		],
		[
			"https://api.example.com",
			{ "http.proxy": "http://v:1", HTTPS_PROXY: "http://e:2" },
			"by the proxy v:1 (http.proxy)",
		],
		[
			"https://api.example.com",
			{ "http.proxySupport": "off", HTTPS_PROXY: "http://e:2" },
			"directly: http.proxySupport is off",
		],
		[
			"https://api.example.com",
			{ "http.proxy": "http://v:1", "http.noProxy": "example.com,other.org", NO_PROXY: "x.y" },
			"directly: http.noProxy names it",
		],
		[
			"https://api.example.com",
			{ "http.proxy": "http://v:1", "http.noProxy": "other.org", NO_PROXY: "example.com" },
			"by the proxy v:1 (http.proxy)",
		],
	];
	for (const [url, env, way] of table)
		it(`to ${url} with ${JSON.stringify(env)}: ${way}`, async () => assert.equal(await words(url, env), way));

	it("is what the operating system says where nothing else is set", async () => {
		const asked: string[] = [];
		const env: object = {
			[systemProxy]: async (url: string) => {
				asked.push(url);
				return url.includes("outside") ? "http://pac.corp:8080" : undefined;
			},
		};
		const way = (url: string) => settleWay(wayTo(url, networkOf(env as Environment)), url).then(wayInWords);
		assert.equal(await way("https://outside.org/v1"), "by the proxy pac.corp:8080 (the system's settings)");
		assert.equal(await way("https://intranet.corp/v1"), "directly");
		assert.equal(await way("http://localhost:1234"), "directly");
		assert.deepEqual(asked, ["https://outside.org/v1", "https://intranet.corp/v1"]);
	});

	it("carries user name and password as the proxy wants them, percent-encoded or not", () => {
		const given = (credentials: string) =>
			Buffer.from(
				proxyFor("https://a.b", { HTTPS_PROXY: `http://${credentials}@p:1` })?.authorization?.slice(6) ?? "",
				"base64",
			).toString();
		assert.equal(given("ada:s3cret"), "ada:s3cret");
		assert.equal(given("corp%5Cada:p%40ss"), "corp\\ada:p@ss");
		assert.equal(given("ada:p@ss"), "ada:p@ss");
		assert.equal(given("ada:100%"), "ada:100%");
		assert.equal(given("token"), "token:");
		const settings = { "http.proxy": "http://p:1", "http.proxyAuthorization": "Bearer abc" };
		assert.equal(proxyFor("https://a.b", settings)?.authorization, "Bearer abc");
	});

	it("checks certificates unless VS Code's setting says otherwise", () => {
		const strict = (value: string) =>
			proxyFor("https://a.b", { "http.proxy": "p:1", "http.proxyStrictSSL": value })?.strict;
		assert.deepEqual([strict("true"), strict("false")], [true, false]);
	});

	it("shows no password, wherever it stands", () => {
		for (const env of [
			{ HTTPS_PROXY: "http://ada:hunter2-hunter2@p:3128" },
			{ http_proxy: "ada:hunter2-hunter2@p" },
			{ "http.proxy": "http://ada:hunter2%2Dhunter2@p" },
			{ "http.proxyAuthorization": `Basic ${Buffer.from("ada:hunter2-hunter2").toString("base64")}` },
			{ HTTPS_PROXY: "http://ada:hunter2-hunter2/#@p:3128" },
		]) {
			const redact = redactor(secretsIn({}, env));
			for (const shown of ["hunter2-hunter2", Buffer.from("ada:hunter2-hunter2").toString("base64")])
				assert.doesNotMatch(redact(`x ${shown} y`), /hunter2|aHVudGVy|h1bnRlc/);
		}
	});
});

describe("A list of hosts without a proxy", () => {
	const table: readonly (readonly [url: string, list: string, excepted: boolean])[] = [
		["https://api.corp.com", "*", true],
		["https://api.corp.com", "a.b, *", true],
		["https://api.corp.com", "corp.com", true],
		["https://api.corp.com", ".corp.com", true],
		["https://api.corp.com", "*.corp.com", true],
		["https://corp.com", ".corp.com", true],
		["https://API.Corp.com.", "API.CORP.COM", true],
		["https://notcorp.com", "corp.com", false],
		["https://api.corp.com", "a.b corp.com c.d", true],
		["https://api.corp.com", "a.b;corp.com", true],
		["https://api.corp.com", " , ,", false],
		["https://api.corp.com", "corp.com:443", true],
		["https://api.corp.com:8443", "corp.com:443", false],
		["http://api.corp.com", "corp.com:80", true],
		["http://api.corp.com", "http://corp.com", true],
		["http://10.1.2.3:8000", "10.0.0.0/8", true],
		["http://11.1.2.3:8000", "10.0.0.0/8", false],
		["http://10.1.2.3:8000", "10.1.2.3", true],
		["http://10.1.2.30", "10.1.2.3", false],
		["http://10.1.2.3:8000", "10.1.2.3:8000", true],
		["http://10.1.2.3", "10.1.*", true],
		["http://10.1.2.3", "10.0.0.0/99", false],
		["http://[fd00::1]:8000", "fd00::/8", true],
		["http://[fd00::1]:8000", "fd00:0:0::1", true],
		["http://[fd00::1]:8000", "[fd00::1]:8000", true],
		["http://[fd00::1]:8000", "[fd00::1]:9000", false],
		["http://db-server:8000", "<local>", true],
		["http://db.server:8000", "<local>", false],
		["http://müller.de", "müller.de", true],
		["http://a.b", "(", false],
	];
	for (const [url, list, excepted] of table)
		it(`${excepted ? "names" : "does not name"} ${url}: ${list}`, () =>
			assert.equal(isExcepted(new URL(url), list), excepted));
});
