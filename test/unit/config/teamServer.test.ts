import assert from "node:assert/strict";
import { join } from "node:path";
import { readConfig, tryReadConfig } from "../../../src/config/config.ts";
import { redactor } from "../../../src/config/redact.ts";
import { ConfigError, messageOf } from "../../../src/config/remarks.ts";
import { secretsIn } from "../../../src/config/secrets.ts";
import type { Source } from "../../../src/config/sources.ts";
import { readTeamServerUrl } from "../../../src/config/teamServer.ts";
import { readUsableConfig } from "../../../src/config/usableConfig.ts";
import { newToken } from "../../../src/memory/access/tokens.ts";

const url = "https://memory.example.com/mcp";
const token = "tell-nobody-4711";

describe("The URL of a team's server", () => {
	const taken: readonly (readonly [given: string, url: string])[] = [
		[url, url],
		["https://memory.example.com", url],
		["https://memory.example.com/", url],
		["https://Memory.Example.com/mcp/", url],
		[` "${url}" `, url],
		["https://memory.example.com /mcp", url],
		["https://memory.example.com:8443/team/mcp", "https://memory.example.com:8443/team/mcp"],
		["http://localhost:8050", "http://localhost:8050/mcp"],
		["http://127.0.0.1:8050/mcp", "http://127.0.0.1:8050/mcp"],
		["http://[::1]:8050/mcp", "http://[::1]:8050/mcp"],
		["http://192.168.1.7:8050/mcp", "http://192.168.1.7:8050/mcp"],
		["http://memory.local/mcp", "http://memory.local/mcp"],
	];
	for (const [given, read] of taken)
		it(`is ${read} for ${given}`, () => assert.deepEqual(readTeamServerUrl(given), { url: read }));

	const refused: readonly (readonly [given: string, meant: string | undefined])[] = [
		["memory.example.com/mcp", url],
		["http://memory.example.com/mcp", url],
		["http://8.8.8.8/mcp", "https://8.8.8.8/mcp"],
		// Where clouds answer whoever asks.
		["http://169.254.169.254/mcp", "https://169.254.169.254/mcp"],
		["https://ada:secret@memory.example.com/mcp", undefined],
		[`${url}?token=secret`, undefined],
		[`${url}#secret`, undefined],
		["ftp://memory.example.com/mcp", undefined],
		["https://", undefined],
		["postgres://ada@db.example.com/memory", undefined],
		["https://a.example/mcp,https://b.example/mcp", undefined],
	];
	for (const [given, meant] of refused)
		it(`is not ${given}`, () => {
			const read = readTeamServerUrl(given);
			assert.ok("accepted" in read, JSON.stringify(read));
			assert.equal(read.meant, meant);
			const { config, problems } = failed({ TEAM_SERVER_URL: given });
			assert.equal(config, undefined);
			const said = problems.map(messageOf).join("\n");
			assert.match(
				said,
				/^TEAM_SERVER_URL=.* is not valid: it takes an https URL of a server's MCP endpoint/,
			);
			assert.doesNotMatch(said, /secret/);
		});

	it("is not a token, which belongs in the other variable, and is not shown", () => {
		const own = newToken();
		const { problems } = failed({ TEAM_SERVER_URL: own });
		const said = problems.map(messageOf).join("\n");
		assert.match(said, /keys belong in TEAM_SERVER_TOKEN/);
		assert.ok(!said.includes(own));
	});
});

describe("A team's server", () => {
	it("is where the memory is, and no endpoint of this machine gets a text", () => {
		const { config, notices } = readConfig({
			TEAM_SERVER_URL: "https://memory.example.com",
			TEAM_SERVER_TOKEN: `Bearer ${token}`,
			LLM_BASE_URL: "http://db-server.local:8009/v1",
			EMBEDDING_BASE_URL: "http://db-server.local:8010/v1",
			ASK_VSCODE: "both",
		});
		const { teamServer } = config;
		assert.deepEqual([teamServer?.url, teamServer?.token, teamServer?.network.values], [url, token, {}]);
		const { llm, embedding, borrowed, database } = config;
		assert.deepEqual(
			{ llm, embedding, borrowed, database },
			{
				llm: undefined,
				embedding: undefined,
				borrowed: [],
				database: undefined,
			},
		);
		assert.deepEqual(
			notices.map(({ kind }) => kind),
			["mended"],
		);
	});

	it("is reached as the environment says, by a proxy", () => {
		const proxy = "http://proxy.example.com:3128";
		const { config } = readConfig({ TEAM_SERVER_URL: url }, { HTTPS_PROXY: proxy });
		assert.deepEqual(config.teamServer?.network.values, { HTTPS_PROXY: proxy });
	});

	it("has no token where none is given", () => {
		assert.deepEqual(readConfig({ TEAM_SERVER_URL: url }).config.teamServer?.token, undefined);
		assert.deepEqual(
			readConfig({ TEAM_SERVER_URL: url, TEAM_SERVER_TOKEN: " " }).config.teamServer?.token,
			undefined,
		);
	});

	it("is not beside a database, nor behind an HTTP server: one of the two has to go", () => {
		const beside = { TEAM_SERVER_URL: url, DATABASE_URL: "postgres://ada:pass-4711@db.example.com/memory" };
		for (const [env, other] of [
			[beside, "DATABASE_URL"],
			[{ TEAM_SERVER_URL: url, TRANSPORT: "http" }, "TRANSPORT"],
			[{ TEAM_SERVER_URL: url, TRANSPORT: "sse" }, "TRANSPORT"],
		] as const) {
			assert.throws(
				() => readUsableConfig(env),
				(error: unknown) => {
					assert.ok(error instanceof ConfigError);
					assert.deepEqual(error.problems, [{ kind: "two-places", variable: "TEAM_SERVER_URL", other }]);
					assert.ok(
						error.message.startsWith(`TEAM_SERVER_URL beside ${other} is not valid: `) &&
							error.message.includes(`Leave out TEAM_SERVER_URL, or ${other}.`),
						error.message,
					);
					assert.ok(!error.message.includes("4711"));
					return true;
				},
			);
		}
		assert.ok(readConfig({ TEAM_SERVER_URL: url, DATABASE_URL: "", TRANSPORT: "stdio" }).config.teamServer);
	});

	it("keeps being used where the variables of models are not valid", () => {
		const env = { TEAM_SERVER_URL: url, LLM_PROVIDER: "azure", EMBEDDING_MODEL_DIMS: "wide" };
		assert.equal(readUsableConfig(env).config.teamServer?.url, url);
	});
});

describe("The token for a team's server", () => {
	const file = join("/home", "ada", ".env");
	const environment = (values: Source["values"]): Source => ({ name: "the environment", values });
	const inFile = (values: Source["values"]): Source => ({ name: file, values });

	it("counts only from the source that names the same server", () => {
		const own = inFile({ TEAM_SERVER_URL: url, TEAM_SERVER_TOKEN: token });
		const read = (values: Source["values"]) => readConfig([environment(values), own]).config.teamServer;
		assert.equal(read({})?.token, token);
		// Another path on the same server.
		assert.equal(read({ TEAM_SERVER_URL: "https://memory.example.com/team/mcp" })?.token, token);
		for (const other of [
			"https://other.example.com/mcp",
			"https://memory.example.com:8443/mcp",
			"https://memory.example.com.evil.example/mcp",
			"http://localhost/mcp",
		])
			assert.equal(read({ TEAM_SERVER_URL: other })?.token, undefined, other);
		assert.equal(read({ TEAM_SERVER_URL: url, TEAM_SERVER_TOKEN: "another-4712" })?.token, "another-4712");
		assert.equal(
			readConfig([
				environment({ TEAM_SERVER_URL: "https://other.example.com", TEAM_SERVER_TOKEN: "o-1" }),
				own,
			]).config.teamServer?.token,
			"o-1",
		);
	});

	it("is withheld from a server that only another source names, and a notice says so", () => {
		const { config, notices } = readConfig([
			environment({ TEAM_SERVER_TOKEN: token }),
			inFile({ TEAM_SERVER_URL: url }),
		]);
		assert.equal(config.teamServer?.token, undefined);
		assert.deepEqual(notices, [
			{
				kind: "withheld",
				variable: "TEAM_SERVER_TOKEN",
				source: "the environment",
				origin: "https://memory.example.com",
				urlSource: file,
			},
		]);
		const [notice] = notices.map(messageOf);
		assert.ok(
			notice?.startsWith("TEAM_SERVER_TOKEN of the environment is not sent to https://memory.example"),
		);
	});

	it("is withheld also where the other source's URL is not valid", () => {
		const { config } = readConfig([
			environment({ TEAM_SERVER_URL: url }),
			inFile({ TEAM_SERVER_URL: "nonsense", TEAM_SERVER_TOKEN: token }),
		]);
		assert.deepEqual([config.teamServer?.url, config.teamServer?.token], [url, undefined]);
	});

	it("is not used without a server, and a notice says so", () => {
		const { config, notices } = readConfig({ TEAM_SERVER_TOKEN: token });
		assert.equal(config.teamServer, undefined);
		assert.deepEqual(notices.map(messageOf), [
			"TEAM_SERVER_TOKEN is not used: TEAM_SERVER_URL, its server, is not set.",
		]);
	});

	it("is refused where it is a placeholder, or no header can carry it", () => {
		for (const given of ["your_token_here", "${input:token}", "tell 4711", "geheim-4711-ß"]) {
			const { problems } = failed({ TEAM_SERVER_URL: url, TEAM_SERVER_TOKEN: given });
			assert.deepEqual(
				problems.map(({ variable }) => variable),
				["TEAM_SERVER_TOKEN"],
				given,
			);
			assert.ok(!problems.map(messageOf).join().includes("4711"));
		}
	});

	it("is hidden wherever it stands", () => {
		const env = { TEAM_SERVER_TOKEN: token, TEAM_SERVER_URL: `${url}?key=query-4713` };
		assert.deepEqual(secretsIn(env, {}).sort(), ["query-4713", token].sort());
		const said = redactor(secretsIn(env, {}))(`Authorization: ${token} or ${encodeURIComponent(token)}`);
		assert.doesNotMatch(said, /4711/);
		// One that nobody has told us of.
		const own = newToken();
		assert.equal(redactor([])(`the token ${own}, of Ada`), "the token (key), of Ada");
	});

	it("misspelt in the environment is told of, and so is its server's URL", () => {
		const { notices } = readConfig([environment({ TEAM_SERVER_URI: url, TEAM_SERVER_TOKENS: token })]);
		assert.deepEqual(
			notices.map((notice) => notice.kind === "not-read" && notice.meant),
			["TEAM_SERVER_URL", "TEAM_SERVER_TOKEN"],
		);
	});
});

function failed(env: Source["values"]) {
	const result = tryReadConfig(env);
	assert.ok(result.config === undefined);
	return result;
}
