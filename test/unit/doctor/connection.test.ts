import assert from "node:assert/strict";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { examine } from "../../../src/doctor/doctor.ts";
import {
	defineSetups,
	envOf,
	examined,
	firstTrouble,
	withWorkbench,
} from "../../support/fixtures/brokenSetups.ts";
import { makeAuthority, makeCertificate } from "../../support/fixtures/certificate.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import { OpenAiServer } from "../../support/openaiServer/server.ts";

const authority = makeAuthority("Test Authority");

describe("The Endpoint Doctor, of connections", () => {
	const usual = getCACertificates("default");
	before(async () => {
		setDefaultCACertificates([...usual, authority.cert]);
		await warmUp();
	});
	after(() => setDefaultCACertificates(usual));

	const deadline = { deadline: 600 };
	defineSetups([
		{
			name: "a server that is not running",
			make: async (bench) => {
				const port = await bench.closedPort();
				return {
					env: envOf(`http://127.0.0.1:${port}/v1`),
					mend: () => bench.server({ port }),
				};
			},
			finds: { id: "chat.tcp", seen: /Nothing listens at 127\.0\.0\.1:\d+/, cause: /not running/ },
			fix: /Start the server/,
		},
		{
			name: "a name that nobody has",
			make: async () => ({ env: envOf("http://db-server.invalid:8009/v1") }),
			finds: { id: "chat.dns", seen: /No host is called db-server\.invalid/, cause: /misspelt/ },
			fix: "none",
		},
		{
			name: "a firewall that drops connections",
			make: async (bench) => ({ env: envOf(`http://127.0.0.1:${await bench.blackHole()}/v1`) }),
			finds: { id: "chat.tcp", seen: /did not accept a connection within 0\.6 s/, cause: /firewall/ },
			fix: "none",
			options: deadline,
		},
		{
			name: "a self-signed certificate",
			make: async (bench) => {
				const certificate = makeCertificate({ names: ["localhost", "127.0.0.1"] });
				const port = await bench.tls(await bench.server(), certificate);
				return {
					env: envOf(`https://localhost:${port}/v1`),
					mend: () => setDefaultCACertificates([...usual, authority.cert, certificate.cert]),
				};
			},
			finds: { id: "chat.tls", seen: /is self-signed/, cause: /vouches/ },
			fix: /NODE_EXTRA_CA_CERTS/,
		},
		{
			name: "a certificate that has expired",
			make: async (bench) => {
				const [from, to] = [new Date("2020-01-01T00:00:00Z"), new Date("2021-02-03T00:00:00Z")];
				const certificate = makeCertificate({ names: ["localhost"], authority, from, to });
				return { env: envOf(`https://localhost:${await bench.tls(await bench.server(), certificate)}/v1`) };
			},
			finds: { id: "chat.tls", seen: /expired on Feb {1,2}3 .* 2021/, cause: /not renewed/ },
			fix: "none",
		},
		{
			name: "a certificate for another name",
			make: async (bench) => {
				const certificate = makeCertificate({ names: ["localhost"], authority });
				return { env: envOf(`https://127.0.0.1:${await bench.tls(await bench.server(), certificate)}/v1`) };
			},
			finds: { id: "chat.tls", seen: /is for localhost/, cause: /names the server 127\.0\.0\.1/ },
			fix: /Use the name localhost/,
		},
		{
			name: "a certificate of an authority that is not known here",
			make: async (bench) => {
				const certificate = makeCertificate({
					names: ["localhost"],
					authority: makeAuthority("Company Authority"),
				});
				return { env: envOf(`https://localhost:${await bench.tls(await bench.server(), certificate)}/v1`) };
			},
			finds: { id: "chat.tls", seen: /is not trusted/, cause: /Company Authority, is not known/ },
			fix: "none",
		},
		{
			name: "https to a server that speaks http",
			make: async (bench) => ({
				env: envOf((await bench.server()).baseUrl.replace("http:", "https:")),
			}),
			finds: { id: "chat.tls", seen: /does not speak TLS/, cause: /speaks http, and the URL says https/ },
			fix: /Use http$/,
		},
		{
			name: "http to a server that speaks https",
			make: async (bench) => {
				const certificate = makeCertificate({ names: ["127.0.0.1"], authority });
				return { env: envOf(`http://127.0.0.1:${await bench.tls(await bench.server(), certificate)}/v1`) };
			},
			finds: { id: "chat.path", cause: /speaks https, and the URL says http/ },
			fix: /Use https$/,
		},
		{
			name: "a port that another program has",
			make: async (bench) => {
				const port = await bench.raw((socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"));
				return { env: envOf(`http://127.0.0.1:${port}/v1`) };
			},
			finds: { id: "chat.path", seen: /does not speak HTTP/, cause: /Another program has the port/ },
			fix: "none",
		},
		{
			name: "a server that breaks off every connection",
			make: async (bench) => {
				const server = await bench.server();
				server.fault({ kind: "refuse" });
				return { env: envOf(server.baseUrl), mend: () => server.mend() };
			},
			finds: { id: "chat.path", seen: /broke off the connection without an answer/, cause: /crashed/ },
			fix: /See the server's log/,
		},
		{
			name: "a server that never answers",
			make: async (bench) => {
				const server = await bench.server();
				server.fault({ kind: "hang" });
				return { env: envOf(server.baseUrl) };
			},
			finds: { id: "chat.path", seen: /did not answer within 0\.6 s/, cause: /hangs or is overloaded/ },
			fix: "none",
			options: deadline,
		},
		{
			name: "a server that hangs after its headers",
			make: async (bench) => {
				const server = await bench.server();
				server.fault({ kind: "stall" });
				return { env: envOf(server.baseUrl) };
			},
			finds: { id: "chat.path", seen: /began to answer, and did not end within 0\.6 s/ },
			fix: "none",
			options: deadline,
		},
		{
			name: "a server that breaks off in the middle of an answer",
			make: async (bench) => {
				const server = await bench.server();
				server.fault({ kind: "reset" });
				return { env: envOf(server.baseUrl), mend: () => server.mend() };
			},
			finds: { id: "chat.path", seen: /broke off the connection within the answer/ },
			fix: /See the server's log/,
		},
	]);

	it("skips what an earlier finding explains, of both roles", () =>
		withWorkbench(async (bench) => {
			const report = await examined(envOf(`http://127.0.0.1:${await bench.closedPort()}/v1`), {});
			assert.deepEqual(
				report.findings.filter(({ status }) => status === "failed").map(({ id }) => id),
				["chat.tcp"],
			);
			const later = report.findings.slice(report.findings.findIndex(({ id }) => id === "chat.tcp") + 1);
			assert.ok(later.length > 10);
			assert.deepEqual([...new Set(later.map(({ status }) => status))], ["skipped"]);
		}));

	it("examines an embedding endpoint of its own when the language model's is away", () =>
		withWorkbench(async (bench) => {
			const { baseUrl } = await bench.server();
			const env = envOf(`http://127.0.0.1:${await bench.closedPort()}/v1`, { EMBEDDING_BASE_URL: baseUrl });
			const report = await examined(env, {});
			assert.equal(firstTrouble(report)?.id, "chat.tcp");
			const embedding = report.findings.filter(({ role }) => role === "embedding");
			assert.deepEqual([...new Set(embedding.map(({ status }) => status))], ["ok"]);
		}));

	it("is called off at once, and tells what it has found so far", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server();
			server.fault({ kind: "hang" }, { role: "chat" });
			const stop = new AbortController();
			const begun = performance.now();
			const report = await examined(
				envOf(server.baseUrl),
				{},
				{
					deadline: 20_000,
					signal: stop.signal,
					onFinding: ({ id }) => {
						if (id === "configuration.conflicts") setTimeout(() => stop.abort(new Error("cancelled")), 300);
					},
				},
			);
			assert.ok(performance.now() - begun < 10_000);
			assert.ok(report.cancelled);
			assert.ok(report.findings.some(({ id }) => id === "configuration.valid"));
			assert.ok(!report.findings.some(({ status }) => status === "failed"));
		}));

	it("takes the time for a check from the settings", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server();
			server.fault({ kind: "hang" });
			const env = envOf(server.baseUrl, { DIAGNOSTICS_TIMEOUT: "1" });
			const report = await examine({ env, roles: ["configuration", "chat"] });
			assert.match(firstTrouble(report)?.seen ?? "", /did not answer within 1 s/);
		}));

	it("comes to an end when every check uses up its time", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server({ delay: 380, maxBatch: 1 });
			const report = await examined(envOf(server.baseUrl), {}, { deadline: 400 });
			assert.ok(report.duration < 4000, `it took ${report.duration} ms`);
			assert.ok(report.findings.some(({ status }) => status !== "ok"));
		}));

	it("sends nothing to another host than the one that is configured", () =>
		withWorkbench(async (bench) => {
			const [configured, other] = [await bench.server(), await OpenAiServer.start()];
			try {
				configured.fault({ kind: "status", status: 302, headers: { Location: `${other.baseUrl}/models` } });
				const report = await examined(envOf(configured.baseUrl), {});
				assert.equal(firstTrouble(report)?.id, "chat.path");
				assert.equal(other.requests.length, 0);
			} finally {
				await other.close();
			}
		}));
});
