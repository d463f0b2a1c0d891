import assert from "node:assert/strict";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { readConfig } from "../../../src/config/config.ts";
import { httpOnly } from "../../../src/config/endpoints.ts";
import type { Environment } from "../../../src/config/variables.ts";
import { checkHealth } from "../../../src/doctor/health/healthCheck.ts";
import { toText } from "../../../src/doctor/output/text.ts";
import type { Report } from "../../../src/doctor/report.ts";
import { envOf, examined, firstTrouble, secret, withWorkbench } from "../../support/fixtures/brokenSetups.ts";
import { makeAuthority, makeCertificate } from "../../support/fixtures/certificate.ts";
import { inside, startFaultyProxy, startProxy, type TestProxy } from "../../support/fixtures/proxies.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";

const authority = makeAuthority("Test Authority");
const password = "s3cret-9f41c-hunter";

const seen = ({ findings }: Report, id: string) => findings.find((finding) => finding.id === id)?.seen;

async function examinedBy(baseUrl: string, ambient: Environment, deadline = 20_000): Promise<Report> {
	const report = await examined(envOf(baseUrl), ambient, { deadline });
	assert.ok(!JSON.stringify(report).includes(password), "the proxy's password is not in the report");
	return report;
}

describe("The Endpoint Doctor, of proxies", () => {
	const usual = getCACertificates("default");
	const opened: TestProxy[] = [];
	before(async () => {
		setDefaultCACertificates([...usual, authority.cert]);
		await warmUp();
	});
	after(() => setDefaultCACertificates(usual));
	afterEach(async () => {
		for (const proxy of opened.splice(0)) await proxy.close();
	});
	const proxy = async (started: Promise<TestProxy>) => {
		opened.push(await started);
		return started;
	};

	it("names the proxy, and does not look up a name that only the proxy knows", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server({ apiKey: secret, contextLength: 32_768 });
			const port = await bench.tls(server, makeCertificate({ names: [inside], authority }));
			const { port: at, asked } = await proxy(startProxy({ user: `ada:${password}` }));
			const given = `http://ada:${password}@127.0.0.1:${at}`;
			for (const [url, variable] of [
				[`http://${inside}:${server.port}/v1`, "HTTP_PROXY"],
				[`https://${inside}:${port}/v1`, "HTTPS_PROXY"],
			] as const) {
				const report = await examinedBy(url, { [variable]: given });
				assert.ok(!report.findings.some(({ status }) => status === "failed"), toText(report));
				assert.equal(
					seen(report, "chat.way"),
					`${new URL(url).host} is reached by the proxy 127.0.0.1:${at} (${variable}).`,
				);
				assert.equal(seen(report, "chat.dns"), undefined);
				assert.equal(seen(report, "chat.tcp"), undefined);
			}
			assert.match(asked.join(), /GET http:.*CONNECT/s);
		}));

	it("says why a proxy is not used", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server({ contextLength: 32_768 });
			const report = await examinedBy(server.baseUrl, { HTTP_PROXY: "http://proxy.invalid:3128" });
			assert.equal(firstTrouble(report), undefined, toText(report));
			assert.match(
				seen(report, "chat.way") ?? "",
				/reached directly: it is on this machine, so HTTP_PROXY does not count/,
			);
			const excepted = await examinedBy("http://a.invalid/v1", {
				HTTP_PROXY: "http://p:1",
				NO_PROXY: "*.invalid",
			});
			assert.match(seen(excepted, "chat.way") ?? "", /reached directly: NO_PROXY names it/);
			assert.equal(firstTrouble(excepted)?.id, "chat.dns");
		}));

	const faults: readonly (readonly [name: string, fault: number | "hang", says: RegExp])[] = [
		["wants a password", 407, /wants a user name and a password, or refused them \(HTTP 407\)/],
		["does not allow the server", 403, /does not allow it \(HTTP 403\)/],
		["cannot reach the server", 502, /could not connect to the server \(HTTP 502\)/],
		["hangs", "hang", /does not answer/],
	];
	for (const [name, fault, says] of faults)
		it(`tells of a proxy that ${name}, and blames no server`, async () => {
			const { port } = await proxy(startFaultyProxy(fault));
			for (const scheme of ["http", "https"]) {
				const variable = `${scheme}_proxy`;
				const given = { [variable]: `http://ada:${password}@127.0.0.1:${port}` };
				const report = await examinedBy(`${scheme}://${inside}/v1`, given, 600);
				const trouble = firstTrouble(report);
				assert.equal(trouble?.id, "chat.way", toText(report));
				assert.match(trouble.seen, says);
				assert.match(trouble.seen, new RegExp(`127\\.0\\.0\\.1:${port} \\(${variable}\\)`));
				assert.ok(trouble.fixes.length > 0);
				assert.equal(report.findings.filter(({ status }) => status === "failed").length, 1, toText(report));
			}
		});

	it("tells of a proxy that is not there, and of one that cannot be used", () =>
		withWorkbench(async (bench) => {
			const told = async (value: string, says: RegExp) => {
				const trouble = firstTrouble(await examinedBy(`https://${inside}/v1`, { HTTPS_PROXY: value }));
				assert.equal(trouble?.id, "chat.way");
				assert.match(trouble.seen, says);
			};
			await told(`http://127.0.0.1:${await bench.closedPort()}`, /nothing listens at the proxy/);
			await told("http://proxy.invalid:3128", /no host has the name of the proxy/);
			await told(`socks4://ada:${password}@p:1`, /HTTPS_PROXY does not name a proxy that can be used/);
		}));

	it("tells whose certificate a company's proxy shows in the server's place", () =>
		withWorkbench(async (bench) => {
			const certificate = makeCertificate({ names: [inside], authority: makeAuthority("Company Authority") });
			const server = await bench.server({ contextLength: 32_768 });
			const url = `https://${inside}:${await bench.tls(server, certificate)}/v1`;
			const { origin } = await proxy(startProxy());
			const trouble = firstTrouble(await examinedBy(url, { HTTPS_PROXY: origin }));
			assert.equal(trouble?.id, "chat.tls");
			assert.match(trouble.cause ?? "", /Company Authority, is not known/);
			const lax = firstTrouble(
				await examinedBy(url, { "http.proxy": origin, "http.proxyStrictSSL": "false" }),
			);
			assert.equal(lax?.id, "chat.way");
			assert.equal(lax.status, "warning");
			assert.match(lax.seen, /Certificates that come through it are not checked/);
		}));

	it("blames the proxy in health checks, too", async () => {
		const { origin } = await proxy(startFaultyProxy(407));
		const { config } = readConfig(envOf(`https://${inside}/v1`), { HTTPS_PROXY: origin });
		const llm = httpOnly(config.llm);
		assert.ok(llm);
		const { problem } = await checkHealth("chat", llm, 5000, new AbortController().signal);
		assert.match(problem ?? "", /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) wants a user name/);
	});
});
