import assert from "node:assert/strict";
import { homedir, userInfo } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { readConfig } from "../../../src/config/config.ts";
import { createLog } from "../../../src/config/log.ts";
import { redactor } from "../../../src/config/redact.ts";
import { ConfigError, messageOf } from "../../../src/config/remarks.ts";
import { type Environment, variables } from "../../../src/config/variables.ts";

/** The problems that the configuration is refused for, in words. */
function problemsOf(env: Environment): readonly string[] {
	try {
		readConfig(env);
	} catch (error) {
		assert.ok(error instanceof ConfigError);
		const problems = error.problems.map(messageOf);
		assert.equal(error.message, problems.join("\n"));
		return problems;
	}
	return [];
}

function noticesOf(env: Environment): readonly string[] {
	return readConfig(env).notices.map(messageOf);
}

describe("The configuration", () => {
	it("works with nothing set", () => {
		const { config, notices } = readConfig({});
		assert.deepEqual(notices, []);
		const { memoryDir, ...rest } = config;
		assert.ok(isAbsolute(memoryDir) && memoryDir.includes("mcp-mem0"), memoryDir);
		assert.deepEqual(rest, {
			backups: { interval: 86_400_000, days: 7, weeks: 4, directory: undefined },
			database: undefined,
			teamServer: undefined,
			userId: userInfo().username,
			briefTokens: 600,
			capture: "off",
			secrets: "redact",
			teamReview: false,
			logLevel: "INFO",
			transport: "stdio",
			host: "127.0.0.1",
			port: 8050,
			authToken: undefined,
			allowedHosts: [],
			borrowed: [],
			projectDir: undefined,
			llm: undefined,
			embedding: undefined,
			diagnosticsTimeout: 10_000,
			healthCheckInterval: 300_000,
			publicUrl: undefined,
			oauth: undefined,
			requestsPerMinute: 600,
		});
	});

	it("takes every variable, but those of a team's server", () => {
		const { config } = readConfig({
			MEMORY_DIR: "/srv/memory",
			DATABASE_URL: "postgresql://ada:p%40ss@db.example.com/team?sslmode=verify-full&sslrootcert=/srv/ca.pem",
			DATABASE_SCHEMA: "mine",
			DATABASE_POOL_SIZE: "7",
			DATABASE_POOL_TIMEOUT: "3",
			DATABASE_POOL_RECYCLE: "60",
			DATABASE_RETRY_ATTEMPTS: "1",
			DEFAULT_USER_ID: "ada",
			BRIEF_TOKENS: "0",
			LOG_LEVEL: "ERROR",
			TRANSPORT: "http",
			HOST: "0.0.0.0",
			PORT: "9000",
			AUTH_TOKEN: "s3cret",
			ALLOWED_HOSTS: "Memory.example.com, *.local:8050,[::1], bücher.example.",
			DIAGNOSTICS_TIMEOUT: "30",
			HEALTH_CHECK_INTERVAL: "0",
			ASK_VSCODE: "both",
			PROJECT_DIR: "/srv/project",
			SECRETS: "Refuse",
			BACKUP_INTERVAL: "12",
			BACKUP_DAYS: "3",
			BACKUP_WEEKS: "0",
			BACKUP_DIR: "/mnt/backups",
			PUBLIC_URL: "https://Memory.example.com",
			OAUTH_ISSUER: "https://login.example.com/realms/team/",
			OAUTH_AUDIENCE: "memory",
			OAUTH_SCOPE: "memory.use  openid",
			OAUTH_USER_CLAIM: "email",
			OAUTH_ADMINS: "ada@example.com, bob@example.com",
			RATE_LIMIT_PER_MINUTE: "60",
		});
		assert.deepEqual(config, {
			memoryDir: resolve("/srv/memory"),
			backups: { interval: 43_200_000, days: 3, weeks: 0, directory: resolve("/mnt/backups") },
			database: {
				host: "db.example.com",
				port: 5432,
				user: "ada",
				password: "p@ss",
				database: "team",
				tls: "verify-full",
				caFile: resolve("/srv/ca.pem"),
				schema: "mine",
				poolSize: 7,
				poolTimeout: 3000,
				poolRecycle: 60_000,
				retries: 1,
			},
			teamServer: undefined,
			userId: "ada",
			briefTokens: 0,
			capture: "off",
			secrets: "refuse",
			teamReview: false,
			logLevel: "ERROR",
			transport: "http",
			host: "0.0.0.0",
			port: 9000,
			authToken: "s3cret",
			allowedHosts: [
				{ name: "memory.example.com", port: undefined },
				{ name: "*.local", port: "8050" },
				{ name: "::1", port: undefined },
				{ name: "xn--bcher-kva.example", port: undefined },
			],
			borrowed: ["chat", "embedding"],
			projectDir: resolve("/srv/project"),
			llm: undefined,
			embedding: undefined,
			diagnosticsTimeout: 30_000,
			healthCheckInterval: 0,
			publicUrl: "https://memory.example.com/mcp",
			oauth: {
				issuer: "https://login.example.com/realms/team/",
				audience: "memory",
				scopes: ["memory.use", "openid"],
				userClaim: "email",
				admins: ["ada@example.com", "bob@example.com"],
				network: { values: {}, system: undefined },
			},
			requestsPerMinute: 60,
		});
	});

	it("takes URLs of the server and of its identity provider over https, or on this machine", () => {
		for (const variable of ["PUBLIC_URL", "OAUTH_ISSUER"]) {
			for (const url of ["https://a.example/x", "http://127.0.0.1:8050/mcp", "http://localhost"])
				assert.deepEqual(problemsOf({ [variable]: url }), []);
			for (const url of ["http://a.example", "a.example", "https://a.example?x=1", "ftp://a.example"])
				assert.match(
					problemsOf({ [variable]: url })[0] ?? "",
					new RegExp(`^${variable}=.* is not valid: it takes an https URL such as https://`),
				);
			const [hidden = ""] = problemsOf({ [variable]: "https://ada:hunter22@a.example" });
			assert.ok(!hidden.includes("hunter22"), hidden);
		}
	});

	it("refuses hosts that are no names", () => {
		for (const hosts of [
			"https://memory.example.com",
			"a b",
			"memory/mcp",
			"*",
			"a.*.b",
			"ada@memory",
			"a:b",
		]) {
			const [problem] = problemsOf({ ALLOWED_HOSTS: `localhost,${hosts}` });
			assert.match(problem ?? "", /^ALLOWED_HOSTS=.* is not valid: it takes names such as/, hosts);
		}
	});

	it("takes an empty value, or one of spaces, for an unset one", () => {
		for (const blank of ["", "   "]) {
			const env = Object.fromEntries(variables.map(({ name }) => [name, blank]));
			assert.deepEqual(readConfig(env), readConfig({}));
		}
	});

	it("reads words in any case and spaces around values", () => {
		const { config } = readConfig({ LOG_LEVEL: " debug", TRANSPORT: "HTTP ", PORT: " 0 " });
		assert.equal(config.logLevel, "DEBUG");
		assert.equal(config.transport, "http");
		assert.equal(config.port, 0);
	});

	const bad: readonly (readonly [name: string, value: string, accepted: RegExp])[] = [
		["LOG_LEVEL", "verbose", /one of DEBUG, INFO, WARNING, ERROR/],
		["TRANSPORT", "carrier pigeon", /one of stdio, http/],
		["PORT", "eighty", /whole number from 0 to 65535/],
		["PORT", "80.5", /whole number from 0 to 65535/],
		["PORT", "-1", /whole number from 0 to 65535/],
		["PORT", "65536", /whole number from 0 to 65535/],
		["LLM_PROVIDER", "anthropic", /one of none, openai, ollama, openrouter, azure, vscode/],
		["EMBEDDING_PROVIDER", "vscode", /one of builtin, openai, ollama, openrouter, azure/],
		["LLM_BASE_URL", "ftp://models.example", /an http or https URL such as/],
		["LLM_BASE_URL", "http://", /an http or https URL such as/],
		["EMBEDDING_BASE_URL", "ht!tp://x y", /an http or https URL such as/],
		["AZURE_OPENAI_ENDPOINT", "file:///etc/passwd", /an http or https URL such as/],
		["LLM_TEMPERATURE", "warm", /a number from 0 to 2/],
		["LLM_TEMPERATURE", "2.1", /a number from 0 to 2/],
		["LLM_MAX_TOKENS", "many", /whole number from 16 to 1000000/],
		["LLM_CONTEXT_LENGTH", "4k", /whole number from 512/],
		["EMBEDDING_MODEL_DIMS", "0", /whole number from 1 to 65536/],
		["EMBEDDING_MODEL_DIMS", "1536.5", /whole number from 1 to 65536/],
		["MCP_TIMEOUT", "0", /whole number from 1 to 3600/],
	];
	for (const [name, value, accepted] of bad) {
		it(`names the variable, its value and the accepted form for ${name}=${value}`, () => {
			const [problem = "", ...more] = problemsOf({ [name]: value });
			assert.ok(problem.startsWith(`${name}=${JSON.stringify(value)} is not valid`), problem);
			assert.match(problem, accepted);
			assert.deepEqual(more, []);
		});
	}

	it("names all problems at once", () => {
		const problems = problemsOf({ LOG_LEVEL: "loud", TRANSPORT: "smoke", PORT: "x", HOST: "ok" });
		const names = problems.map((problem) => problem.split("=")[0]).sort();
		assert.deepEqual(names, ["LOG_LEVEL", "PORT", "TRANSPORT"]);
	});

	it("never shows a secret, neither in an error nor in a notice", () => {
		const secret = "tell-nobody-4711";
		const env = { AUTH_TOKEN: secret, LLM_API_KEY: secret, DATABASE_URL: `postgres://u:${secret}@h/d` };
		const problems = problemsOf({ ...env, PORT: "x" });
		const notices = noticesOf(env);
		assert.ok(problems.length > 0 && notices.length > 0);
		assert.ok(![...problems, ...notices].some((said) => said.includes(secret)));
		assert.ok(!JSON.stringify(readConfig(env).notices).includes(secret));
	});

	it("keeps every variable that holds a secret out of the settings", () => {
		for (const variable of variables) {
			const secret = /_(TOKEN|KEY|SECRET|PASSWORD)$/.test(variable.name);
			assert.equal("secret" in variable && variable.secret, secret, variable.name);
			if (secret) assert.ok(!("setting" in variable), variable.name);
		}
	});

	for (const on of ["true", "1", "yes", "on", "TRUE"]) {
		it(`takes DEBUG=${on} for LOG_LEVEL=DEBUG`, () => {
			assert.equal(readConfig({ DEBUG: on, LOG_LEVEL: "ERROR" }).config.logLevel, "DEBUG");
		});
	}
	for (const off of ["false", "0", "", "no"]) {
		it(`leaves LOG_LEVEL alone with DEBUG=${JSON.stringify(off)}`, () => {
			assert.equal(readConfig({ DEBUG: off, LOG_LEVEL: "ERROR" }).config.logLevel, "ERROR");
		});
	}

	it("serves Streamable HTTP in place of the old SSE transport, and says so", () => {
		assert.equal(readConfig({ TRANSPORT: "SSE" }).config.transport, "http");
		const notices = noticesOf({ TRANSPORT: "SSE" });
		assert.equal(notices.length, 1);
		assert.match(notices[0] ?? "", /TRANSPORT=sse.*Streamable HTTP at \/mcp/);
	});

	const folders: readonly (readonly [given: string, folder: string])[] = [
		["~", homedir()],
		["~/memory", join(homedir(), "memory")],
		["memory/here", resolve("memory/here")],
		["./memory", resolve("memory")],
		["/srv/~memory", resolve("/srv/~memory")],
	];
	for (const [given, folder] of folders) {
		it(`takes MEMORY_DIR=${given} for an absolute path`, () => {
			assert.equal(resolve(readConfig({ MEMORY_DIR: given }).config.memoryDir), folder);
		});
	}

	it("names the variables of the Python service's database that mean nothing here, without their values", () => {
		const env = {
			DATABASE_URL: "postgres://user:password@somewhere",
			DATABASE_MAX_CONNECTIONS: "17",
			DATABASE_MAX_OVERFLOW: "",
		};
		const notices = noticesOf(env);
		assert.equal(notices.length, 1);
		assert.match(notices[0] ?? "", /^DATABASE_MAX_CONNECTIONS is not applicable/);
		assert.doesNotMatch(notices[0] ?? "", /postgres|17|OVERFLOW/);
	});

	const badHeaders: readonly (readonly [string, RegExp])[] = [
		["X-Team: blue", /a JSON object of texts/],
		['["X-Team"]', /a JSON object of texts/],
		['{"X Team": "tell-nobody"}', /"X Team" cannot be the name of a header/],
		['{"Content-Length": "5"}', /"Content-Length" is set by the connection itself/],
		['{"transfer-encoding": "chunked"}', /"transfer-encoding" is set by the connection itself/],
		['{"X-Team": {"tell": "nobody"}}', /the value of "X-Team" is not a text/],
		['{"X-Team": "${env:NOT_THERE}"}', /"X-Team" uses the environment variable NOT_THERE, which is not set/],
		['{"X-Team": "tell-nobody\\nX-More: 1"}', /characters that a header cannot carry/],
	];
	for (const [value, accepted] of badHeaders) {
		it(`refuses LLM_HEADERS=${value} and shows no value of it`, () => {
			const [problem = ""] = problemsOf({ LLM_PROVIDER: "openai", LLM_HEADERS: value });
			assert.match(problem, /^LLM_HEADERS is not valid/);
			assert.match(problem, accepted);
			assert.doesNotMatch(problem, /nobody|blue$/);
		});
	}

	it("takes headers, with environment variables in them", () => {
		const env = { LLM_PROVIDER: "openai", LLM_HEADERS: '{"X-Token": "t ${env:TEAM_TOKEN}", "X-Number": 7}' };
		const { config } = readConfig(env, { TEAM_TOKEN: "4711" });
		assert.deepEqual(config.llm && "headers" in config.llm ? config.llm.headers : undefined, {
			"X-Token": "t 4711",
			"X-Number": "7",
		});
	});

	it("says that a longer MCP_TIMEOUT is capped at what a request can take", () => {
		const env = { LLM_PROVIDER: "ollama", LLM_CHOICE: "m", MCP_TIMEOUT: "900" };
		const { config } = readConfig(env);
		assert.equal(config.llm && "timeout" in config.llm ? config.llm.timeout : 0, 300_000);
		assert.ok(noticesOf(env).some((notice) => /^MCP_TIMEOUT=900 is capped at 300/.test(notice)));
	});

	it("never shows a password in a URL", () => {
		for (const at of ["@", "\uff20"]) {
			const [problem = ""] = problemsOf({
				LLM_PROVIDER: "openai",
				LLM_BASE_URL: `https://ada:tell-nobody${at}example.com/v1`,
			});
			assert.match(problem, /^LLM_BASE_URL=\(hidden.*without user name and password; put them in a header/);
			assert.doesNotMatch(problem, /nobody/);
		}
	});

	it("refuses a key in a variable of something else, without showing it", () => {
		for (const name of ["LLM_CHOICE", "LLM_BASE_URL", "EMBEDDING_MODEL_CHOICE", "LLM_PROVIDER"]) {
			const problems = problemsOf({ LLM_BASE_URL: "http://host/v1", [name]: "sk-proj-0123456789abcdef" });
			assert.match(
				problems.join(),
				new RegExp(`^${name}=\\(hidden, .*keys belong in (LLM|EMBEDDING)_API_KEY`),
			);
			assert.doesNotMatch(problems.join(), /0123456789/);
		}
	});

	it("never shows a key in a URL that is not valid", () => {
		const [problem = ""] = problemsOf({ LLM_BASE_URL: "http://host:99999/v1?api_key=s3cr3t-Value" });
		assert.match(problem, /LLM_BASE_URL="http:\/\/host:99999\/v1\?api_key=\(key\)"/);
	});

	it("refuses a key that no header can carry, without showing it", () => {
		const [problem = ""] = problemsOf({ LLM_API_KEY: "tell nobody" });
		assert.match(problem, /^LLM_API_KEY=\(secret\) is not valid: it takes printable ASCII/);
	});

	it("ignores variables of other programs", () => {
		assert.deepEqual(readConfig({ PATH: "/bin", MY_LLM_KEY: "x", OPENAI_API_KEY: "sk-x" }).notices, []);
	});
});

describe("The log", () => {
	for (const [level, passed] of [
		["DEBUG", ["debug", "info", "warn", "error"]],
		["INFO", ["info", "warn", "error"]],
		["WARNING", ["warn", "error"]],
		["ERROR", ["error"]],
	] as const) {
		it(`passes ${passed.join(", ")} at ${level}`, () => {
			const lines: string[] = [];
			const log = createLog(level, redactor(["s3cret-token"]), (_, message) => lines.push(message));
			for (const name of ["debug", "info", "warn", "error"] as const) log[name](name);
			assert.deepEqual(lines, passed);
		});
	}

	it("shows no secret in any line", () => {
		const lines: string[] = [];
		const log = createLog("DEBUG", redactor(["s3cret-token"]), (_, message) => lines.push(message));
		for (const name of ["debug", "info", "warn", "error"] as const) log[name]("sent S3CRET%2Dtoken");
		assert.deepEqual(lines, Array(4).fill("sent (key)"));
	});
});
