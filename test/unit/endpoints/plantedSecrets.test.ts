import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readConfig } from "../../../src/config/config.ts";
import { httpOnly } from "../../../src/config/endpoints.ts";
import { examine } from "../../../src/doctor/doctor.ts";
import { toMarkdown, toText } from "../../../src/doctor/output/text.ts";
import { listModels } from "../../../src/endpoints/openai/modelList.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { endpointFixture } from "../../support/fixtures/endpointFixture.ts";
import { type StdioClient, stdioClient } from "../../support/fixtures/mcpClient.ts";
import { plantedKey, spellings, tellingParts } from "../../support/fixtures/spellings.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

/** A server that refuses everything and quotes what was sent. Closed after the tests. */
function echoServers() {
	const servers: ReturnType<typeof createServer>[] = [];
	after(() => {
		for (const server of servers) {
			server.closeAllConnections();
			server.close();
		}
	});
	return async (spell: (key: string) => string): Promise<string> => {
		const server = createServer((request, response) => {
			request.resume();
			const key = String(request.headers.authorization).replace(/^Bearer /, "");
			response.writeHead(400, { "content-type": "application/json" });
			response.end(JSON.stringify({ error: { message: `Refused [${spell(key)}]`, code: spell(key) } }));
		});
		servers.push(server);
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
	};
}

const envOf = (baseUrl: string) => ({
	LLM_PROVIDER: "openai",
	LLM_BASE_URL: baseUrl,
	LLM_API_KEY: plantedKey,
	LLM_CHOICE: "m",
	EMBEDDING_MODEL_CHOICE: "e",
	LOG_LEVEL: "DEBUG",
});

/** @param place where it was said. */
function assertHidden(place: string, said: string, spelled: string): void {
	for (const part of tellingParts(spelled, plantedKey))
		assert.ok(!said.includes(part) && !said.includes(JSON.stringify(part).slice(1, -1)), `${place}: ${part}`);
}

/** Comes and goes while a backup is made of the database, which is looked at itself. */
const unfinishedBackup = ".partial-";

function bytesIn(folder: string): string {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((each) => each.isFile() && !each.name.startsWith(unfinishedBackup))
		.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"))
		.join("");
}

describe("A key that a server repeats", () => {
	const memory = endpointFixture();
	const echo = echoServers();
	let client: StdioClient | undefined;
	afterEach(() => client?.close());

	for (const [form, spell] of Object.entries(spellings))
		it(`${form} gets nowhere`, async () => {
			const env = envOf(await echo(spell));
			const service = await memory.open(env);
			const result = await service.save({ text: "Ada moved to Lisbon" });
			const status = await service.status();
			const { config } = readConfig(env);
			const chat = httpOnly(config.llm);
			assert.ok(chat);
			const error = await listModels(chat, "chat", new AbortController().signal).then(
				() => assert.fail("the list was refused"),
				(thrown: Error) => thrown,
			);
			const report = await examine({ env, roles: ["configuration", "chat", "embedding"], deadline: 5000 });
			const sinks = {
				"the log": memory.lines.join("\n"),
				"the answer to a save": JSON.stringify(result),
				"the status": JSON.stringify(status),
				"an error": error.message,
				"the report as JSON": JSON.stringify(report),
				"the report as text": toText(report),
				"the report as Markdown": toMarkdown(report, undefined),
				"the database": bytesIn(memory.folder),
			};
			for (const [place, said] of Object.entries(sinks)) {
				assert.match(said, /\(key\\?\)/, `${place} has nothing of the server`);
				assertHidden(place, said, spell(plantedKey));
			}
		});

	for (const form of ["as it is", "in base64 behind a user", "in a URL in a URL", "split into strings"])
		it(`${form} gets into no output of the program`, async () => {
			const spell = spellings[form] as (key: string) => string;
			const folder = temporaryFolder();
			const env = { ...envOf(await echo(spell)), MEMORY_DIR: folder, DIAGNOSTICS_TIMEOUT: "5" };
			client = await stdioClient(env, folder);
			const saved = await client.call("save_memory", { text: "Ada moved to Lisbon" });
			const status = await client.call("memory_status", {});
			await client.close();
			const run = (...args: string[]) =>
				new Promise<string>((resolve) => {
					execFile(
						process.execPath,
						[serverFile, "doctor", ...args],
						{ env: { ...process.env, ...env } },
						(_, out, err) => resolve(out + err),
					);
				});
			const [text, json] = await Promise.all([run(), run("--json")]);
			const sinks = {
				saved: JSON.stringify(saved),
				status: JSON.stringify(status),
				stderr: client.log(),
				text,
				json,
				files: bytesIn(folder),
			};
			for (const [place, said] of Object.entries(sinks)) {
				assert.match(said, /\(key\)/, `${place} has nothing of the server`);
				assertHidden(place, said, spell(plantedKey));
			}
		});

	it("as the target of a redirect is not named", async () => {
		const server = createServer((request, response) => {
			request.resume();
			response.writeHead(302, { location: `/login/${encodeURIComponent(plantedKey)}/x` }).end();
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
		const chat = httpOnly(readConfig(envOf(baseUrl)).config.llm);
		assert.ok(chat);
		await assert.rejects(listModels(chat, "chat", new AbortController().signal), (error: Error) => {
			assert.match(error.message, /redirects to \/login\/\(key\)/);
			assertHidden("the error", error.message, encodeURIComponent(plantedKey));
			return true;
		});
		server.close();
	});

	it("is not shown by a command where it stands in a wrong variable", async () => {
		const folder = temporaryFolder();
		const wrong = [
			{ LLM_CHOICE: "sk-live-9f3a7c21B5d84e60" },
			{ LLM_BASE_URL: "sk-live-9f3a7c21B5d84e60" },
			{ LLM_BASE_URL: "http://host:99999/v1?api_key=9f3a7c21B5d84e60" },
			{ LLM_BASE_URL: "http://ada:9f3a7c21B5d84e60@host/v1" },
			{ LLM_BASE_URL: "http://host/v1?api_key=9f3a7c21B5d84e60", PORT: "x" },
			{ LLM_HEADERS: "X-Token: 9f3a7c21B5d84e60" },
			{ LLM_HEADERS: '{"X-Token 9f3a7c21B5d84e60": "a"}' },
			{ EMBEDDING_MODEL_CHOICE: "Bearer 9f3a7c21B5d84e60" },
		];
		for (const variables of wrong) {
			const env = {
				PATH: process.env.PATH,
				MEMORY_DIR: folder,
				LOG_LEVEL: "DEBUG",
				LLM_PROVIDER: "openai",
				...variables,
			};
			for (const args of [["search", "x"], ["doctor"], ["doctor", "--json"]]) {
				const said = await new Promise<string>((resolve) => {
					execFile(process.execPath, [serverFile, ...args], { env }, (_, out, err) => resolve(out + err));
				});
				assert.match(said, /not valid/, `${args.join(" ")}: ${said}`);
				assert.doesNotMatch(said, /9f3a7c21|b5d84e60/i, `${JSON.stringify(variables)} ${args.join(" ")}`);
			}
		}
	});
});
