import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { withWorkbench } from "../../support/fixtures/brokenSetups.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { makeAuthority, makeCertificate } from "../../support/fixtures/certificate.ts";
import { stdioClient } from "../../support/fixtures/mcpClient.ts";
import { inside, startProxy, type TestProxy } from "../../support/fixtures/proxies.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const password = "s3cret-9f41c-hunter";
const company = makeAuthority("Company Authority");

interface Setup {
	readonly env: Record<string, string>;
	readonly proxy: TestProxy;
	/** The file of the authority that signed the server's certificate. */
	readonly authorityFile: string;
	readonly folder: string;
}

/** A server that is reached through a company's proxy alone, with a certificate of the company's own authority. */
function withCompany(work: (setup: Setup) => Promise<void>): Promise<void> {
	return withWorkbench(async (bench) => {
		const folder = temporaryFolder();
		const authorityFile = join(folder, "company.pem");
		writeFileSync(authorityFile, company.cert);
		const server = await bench.server({ contextLength: 32_768 });
		const port = await bench.tls(server, makeCertificate({ names: [inside], authority: company }));
		const proxy = await startProxy({ user: `ada:${password}` });
		const env = {
			PATH: process.env.PATH ?? "",
			HOME: folder,
			MEMORY_DIR: join(folder, "memory"),
			DEFAULT_USER_ID: "ada",
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: `https://${inside}:${port}/v1`,
			LLM_CHOICE: "test-chat",
			EMBEDDING_MODEL_CHOICE: "test-embed",
			LOG_LEVEL: "DEBUG",
		};
		try {
			await work({ env, proxy, authorityFile, folder });
		} finally {
			await proxy.close();
		}
	});
}

function doctor(env: Record<string, string>, folder: string, ...args: string[]) {
	return new Promise<{ code: unknown; said: string }>((done) => {
		execFile(
			process.execPath,
			[serverFile, "doctor", ...args],
			{ cwd: folder, env },
			(error, stdout, stderr) => {
				const said = `${stdout}${stderr}`;
				assert.ok(!said.includes(password), said);
				done({ code: error ? error.code : 0, said });
			},
		);
	});
}

const shown = /reached by the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\)/;

describe("Behind a company's proxy", () => {
	for (const variable of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"])
		it(`the standalone server distils and embeds, with the certificate of ${variable}`, () =>
			withCompany(async ({ env, proxy, authorityFile, folder }) => {
				// Of the two, Node reads the first by itself, and OpenSSL takes the second for the system's certificates.
				const HTTPS_PROXY = `http://ada:${password}@127.0.0.1:${proxy.port}`;
				const client = await stdioClient({ ...env, HTTPS_PROXY, [variable]: authorityFile }, folder);
				try {
					const { content } = await client.call<{ mode: string }>("save_memory", {
						text: "Ada lives in Lisbon.",
					});
					assert.equal(content.mode, "distilled", client.log());
					const { content: status } = await client.call<{
						llm: { way?: string };
						embedding: { way?: string };
					}>("memory_status");
					assert.match(`reached ${status.llm.way}`, shown);
					assert.equal(status.embedding.way, status.llm.way);
					assert.match(client.log(), shown);
					assert.doesNotMatch(client.log(), new RegExp(password));
					assert.ok(proxy.asked.every((asked) => asked.startsWith(`CONNECT ${inside}:`)));
				} finally {
					await client.close();
				}
			}));

	it("the doctor finds everything well, and shows the way, also of a .env file", () =>
		withCompany(async ({ env, proxy, authorityFile, folder }) => {
			writeFileSync(join(folder, "mem0.env"), `HTTPS_PROXY=http://ada:${password}@127.0.0.1:${proxy.port}\n`);
			const trusting = { ...env, SSL_CERT_FILE: authorityFile };
			const { code, said } = await doctor(trusting, folder, "--env", "mem0.env");
			assert.equal(code, 0, said);
			assert.match(said, shown);
		}));

	it("nothing for this machine goes to the proxy, even where Node is told to send everything there", () =>
		withWorkbench(async (bench) => {
			const folder = temporaryFolder();
			const { baseUrl } = await bench.server({ contextLength: 32_768 });
			const proxy = await startProxy();
			const { code, said } = await doctor(
				{
					PATH: process.env.PATH ?? "",
					HOME: folder,
					MEMORY_DIR: join(folder, "memory"),
					LLM_PROVIDER: "openai",
					LLM_BASE_URL: baseUrl,
					LLM_CHOICE: "test-chat",
					EMBEDDING_MODEL_CHOICE: "test-embed",
					HTTP_PROXY: proxy.origin,
					NODE_USE_ENV_PROXY: "1",
				},
				folder,
			);
			await proxy.close();
			assert.equal(code, 0, said);
			assert.match(said, /reached directly: it is on this machine, so HTTP_PROXY does not count/);
			assert.deepEqual(proxy.asked, []);
		}));

	it("the doctor tells what to do about a certificate that nobody here knows", () =>
		withCompany(async ({ env, proxy, folder }) => {
			const HTTPS_PROXY = `http://ada:${password}@127.0.0.1:${proxy.port}`;
			const { code, said } = await doctor({ ...env, HTTPS_PROXY }, folder);
			assert.equal(code, 2, said);
			assert.match(said, /Company Authority, is not known to this machine/);
			assert.match(said, /NODE_EXTRA_CA_CERTS/);
		}));

	it("the doctor blames the proxy for refusing a password", () =>
		withCompany(async ({ env, proxy, folder }) => {
			const HTTPS_PROXY = `http://ada:another@127.0.0.1:${proxy.port}`;
			const { code, said } = await doctor({ ...env, HTTPS_PROXY }, folder);
			assert.equal(code, 2, said);
			assert.match(said, /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) wants a user name and a password/);
		}));
});
