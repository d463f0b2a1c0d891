import assert from "node:assert/strict";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { readConfig } from "../../../src/config/config.ts";
import { type ChatEndpoint, httpOnly } from "../../../src/config/endpoints.ts";
import { silentLog } from "../../../src/config/log.ts";
import type { Environment } from "../../../src/config/variables.ts";
import { EndpointError } from "../../../src/endpoints/endpointError.ts";
import { OpenAiClient } from "../../../src/endpoints/openai/client.ts";
import { type Workbench, withWorkbench } from "../../support/fixtures/brokenSetups.ts";
import { makeAuthority, makeCertificate } from "../../support/fixtures/certificate.ts";
import {
	inside,
	startFaultyProxy,
	startProxy,
	startSocksProxy,
	type TestProxy,
} from "../../support/fixtures/proxies.ts";

const authority = makeAuthority("Test Authority");
const password = "s3cret-9f41c-hunter";

function endpoint(baseUrl: string, ambient: Environment): ChatEndpoint {
	const env = {
		LLM_PROVIDER: "openai",
		LLM_BASE_URL: baseUrl,
		LLM_CHOICE: "test-chat",
		LLM_API_KEY: "sk-own",
	};
	const chat = httpOnly(readConfig({ ...env, MCP_TIMEOUT: "2" }, { ...ambient, ...env }).config.llm);
	assert.ok(chat);
	return chat;
}

/** Asks for the list of models once. */
async function models(baseUrl: string, ambient: Environment): Promise<unknown> {
	const client = new OpenAiClient(endpoint(baseUrl, ambient), "chat", silentLog);
	return client.request((openai, options) => openai.get("/models", options), { attempts: 1 });
}

async function failure(baseUrl: string, ambient: Environment): Promise<EndpointError> {
	const error = await models(baseUrl, ambient).then(
		() => undefined,
		(reason: unknown) => reason,
	);
	assert.ok(error instanceof EndpointError, String(error));
	assert.ok(!error.message.includes(password), error.message);
	return error;
}

describe("A request through a proxy", () => {
	const usual = getCACertificates("default");
	const opened: TestProxy[] = [];
	before(() => setDefaultCACertificates([...usual, authority.cert]));
	after(() => setDefaultCACertificates(usual));
	afterEach(async () => {
		for (const proxy of opened.splice(0)) await proxy.close();
	});
	const proxy = async (started: Promise<TestProxy>) => {
		opened.push(await started);
		return started;
	};
	/** A server that is reached by the proxy alone: over TLS, and without. */
	const servers = async (bench: Workbench) => {
		const server = await bench.server({ apiKey: "sk-own" });
		const port = await bench.tls(server, makeCertificate({ names: [inside], authority }));
		return { server, http: `http://${inside}:${server.port}/v1`, https: `https://${inside}:${port}/v1` };
	};

	it("is asked of the proxy itself for http, with its password and the server's key", () =>
		withWorkbench(async (bench) => {
			const { http } = await servers(bench);
			const { asked, headers, port } = await proxy(startProxy({ user: `ada:${password}` }));
			await models(http, { HTTP_PROXY: `http://ada:${password}@127.0.0.1:${port}` });
			assert.deepEqual(asked, [`GET ${http}/models`]);
			assert.equal(headers[0]?.authorization, "Bearer sk-own");
		}));

	it("goes through a tunnel for https, so that the proxy sees neither key nor path", () =>
		withWorkbench(async (bench) => {
			const { https, server } = await servers(bench);
			const { asked, headers, port } = await proxy(startProxy({ user: `ada:${password}` }));
			await models(https, { HTTPS_PROXY: `ada:${password}@127.0.0.1:${port}` });
			assert.deepEqual(asked, [`CONNECT ${new URL(https).host}`]);
			assert.doesNotMatch(JSON.stringify(headers), /sk-own/);
			assert.doesNotMatch(JSON.stringify(server.requests), /proxy-authorization/i);
		}));

	it("reaches a proxy that speaks TLS itself", () =>
		withWorkbench(async (bench) => {
			const { http, https } = await servers(bench);
			const certificate = makeCertificate({ names: ["127.0.0.1"], authority });
			const { asked, origin } = await proxy(startProxy({ certificate }));
			await models(https, { HTTPS_PROXY: origin });
			await models(http, { HTTP_PROXY: origin });
			assert.equal(asked.length, 2);
		}));

	it("goes through a SOCKS proxy, which looks up the name, with its password", () =>
		withWorkbench(async (bench) => {
			const { http, https } = await servers(bench);
			const { port, asked } = await proxy(startSocksProxy({ name: "ada", password }));
			for (const [scheme, url] of [
				["socks5", https],
				["socks5h", http],
				["socks", https],
			] as const) {
				await models(url, { ALL_PROXY: `${scheme}://ada:${password}@127.0.0.1:${port}` });
				assert.equal(asked.pop(), new URL(url).host);
			}
			const told = async (url: string, given: string, says: RegExp) => {
				const { kind, message } = await failure(url, { ALL_PROXY: given });
				assert.equal(kind, "proxy");
				assert.match(message, says);
				assert.match(message, /the proxy socks5:\/\/127\.0\.0\.1:\d+ \(ALL_PROXY\)/);
			};
			const wrong = `socks5://ada:another@127.0.0.1:${port}`;
			await told(https, wrong, /wants a user name and a password, or refused them/);
			await told(https, `socks5://127.0.0.1:${port}`, /wants a user name and a password/);
			await told(
				"https://10.0.0.9",
				`socks5://ada:${password}@127.0.0.1:${port}`,
				/could not connect to the server/,
			);
			assert.equal(asked.pop(), "10.0.0.9:443");
			const { origin } = await proxy(startFaultyProxy(400));
			await told(https, origin.replace("http", "socks5"), /does not speak SOCKS5/);
		}));

	it("uses a tunnel again, and one for each request at the same time", () =>
		withWorkbench(async (bench) => {
			const { https } = await servers(bench);
			const { asked, origin } = await proxy(startProxy());
			const client = new OpenAiClient(endpoint(https, { HTTPS_PROXY: origin }), "chat", silentLog);
			const ask = () => client.request((openai, options) => openai.get("/models", options));
			await Promise.all([ask(), ask()]);
			await ask();
			assert.equal(asked.length, 2);
		}));

	it("does not go to a proxy for this machine, nor for what NO_PROXY names", () =>
		withWorkbench(async (bench) => {
			const { server, http } = await servers(bench);
			const { asked, origin } = await proxy(startProxy());
			await models(server.baseUrl, { HTTP_PROXY: origin, HTTPS_PROXY: origin, ALL_PROXY: origin });
			const error = await failure(http, { HTTP_PROXY: origin, NO_PROXY: "corp.test" });
			assert.match(error.message, /no host is called llm\.corp\.test/);
			assert.deepEqual(asked, []);
		}));

	it("takes a certificate that nobody knows only where VS Code's setting allows it, and only through the proxy", () =>
		withWorkbench(async (bench) => {
			const certificate = makeCertificate({ names: [inside], authority: makeAuthority("Company") });
			const server = await bench.server();
			const port = await bench.tls(server, certificate);
			const { origin } = await proxy(startProxy());
			const strict = await failure(`https://${inside}:${port}/v1`, { HTTPS_PROXY: origin });
			assert.equal(strict.kind, "unreachable");
			assert.match(
				strict.message,
				/certificate that is not trusted.*It is asked by the proxy 127\.0\.0\.1:\d+/,
			);
			const lax = { "http.proxy": origin, "http.proxyStrictSSL": "false" };
			await models(`https://${inside}:${port}/v1`, lax);
			assert.equal((await failure(`https://127.0.0.1:${port}/v1`, lax)).kind, "unreachable");
		}));

	const faults: readonly (readonly [name: string, fault: number | "hang", http: RegExp, https: RegExp])[] = [
		["wants a password", 407, /wants a user name and a password/, /wants a user name and a password/],
		["does not allow the server", 403, /does not allow it/, /does not allow it/],
		["cannot reach the server", 502, /could not connect to the server/, /could not connect to the server/],
		["has no room", 503, /could not connect to the server/, /could not connect to the server/],
		["hangs", "hang", /did not answer within 2 s.*asked by the proxy 127/, /does not answer/],
	];
	for (const [name, fault, http, https] of faults)
		it(`tells of a proxy that ${name}, and of the variable that names it`, async () => {
			const { port } = await proxy(startFaultyProxy(fault));
			const given = `http://ada:${password}@127.0.0.1:${port}`;
			const errors = [
				await failure(`http://${inside}/v1`, { HTTP_PROXY: given }),
				await failure(`https://${inside}/v1`, { HTTPS_PROXY: given }),
			];
			for (const [index, says] of [http, https].entries()) {
				const { message, kind } = errors[index] as EndpointError;
				assert.match(message, says);
				assert.match(message, new RegExp(`127\\.0\\.0\\.1:${port} \\(${index ? "HTTPS" : "HTTP"}_PROXY\\)`));
				assert.equal(kind, fault === "hang" && index === 0 ? "timeout" : "proxy");
			}
		});

	it("names the proxy where a page or a redirect may be its own", async () => {
		for (const [fault, says] of [
			[302, /redirects to.*It is asked by the proxy/],
			[200, /web page.*It is asked by the proxy/],
		] as const) {
			const { origin } = await proxy(startFaultyProxy(fault));
			assert.match((await failure(`http://${inside}/v1`, { HTTP_PROXY: origin })).message, says);
		}
	});

	it("leaves a refusal in JSON with the server, though a proxy passed it on", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server({ apiKey: "sk-another" });
			const { origin } = await proxy(startProxy());
			const error = await failure(`http://${inside}:${server.port}/v1`, { HTTP_PROXY: origin });
			assert.equal(error.kind, "unauthorized");
		}));

	it("tells of a proxy that is not there, has no such name, or cannot be used", () =>
		withWorkbench(async (bench) => {
			const closed = await bench.closedPort();
			const told = async (value: string, says: RegExp) => {
				const { kind, message } = await failure(`https://${inside}/v1`, { HTTPS_PROXY: value });
				assert.equal(kind, "proxy");
				assert.match(message, says);
			};
			await told(
				`http://127.0.0.1:${closed}`,
				/nothing listens at the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\)/,
			);
			await told(
				"http://proxy.invalid:3128",
				/no host has the name of the proxy proxy\.invalid:3128 \(HTTPS_PROXY\)/,
			);
			await told("http://127.0.0.1:3128:9", /HTTPS_PROXY does not name a proxy.*such as http:\/\/proxy/);
			await told(`ftp://ada:${password}@127.0.0.1`, /HTTPS_PROXY does not name a proxy/);
			const port = await bench.raw((socket) => socket.destroy());
			await told(`http://127.0.0.1:${port}`, /the proxy .* broke off the connection/);
			const noTls = await bench.raw((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
			await told(`https://127.0.0.1:${noTls}`, /the proxy .* does not speak TLS/);
		}));
});
