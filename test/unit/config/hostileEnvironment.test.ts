import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { httpOnly } from "../../../src/config/endpoints.ts";
import { readKey } from "../../../src/config/keyText.ts";
import { expandPath } from "../../../src/config/paths.ts";
import { ConfigError, messageOf } from "../../../src/config/remarks.ts";
import { loadSources } from "../../../src/config/sources.ts";
import { readUsableConfig } from "../../../src/config/usableConfig.ts";
import type { Environment } from "../../../src/config/variables.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const secret = "sk-planted-4711";
const theirs = "sk-planted-0815";
const mine = "http://db-server.local:8009/v1";
const other = "http://another.local:8010/v1";
const own = "https://api.openai.com/v1";

/** What follows from an environment and a named file, and everything that is said about it. */
function outcome(env: Environment, file?: string | Buffer, ofNode: readonly string[] = []) {
	const folder = temporaryFolder();
	const path = join(folder, "named.env");
	if (file !== undefined) writeFileSync(path, file);
	const named = file === undefined ? undefined : "named.env";
	const inFolder = ofNode.map((text, index) => {
		writeFileSync(join(folder, `${index}.env`), text);
		return `${index}.env`;
	});
	const { sources, notices: seen } = loadSources(env, folder, named, inFolder);
	const { config, notices, notConfigured } = readUsableConfig(sources);
	const chat = httpOnly(config.llm);
	const said = [...[...seen, ...notices].map(messageOf), ...Object.values(notConfigured)].join("\n");
	return { config, chat, embedding: config.embedding, said, notConfigured };
}

interface Row {
	readonly env?: Environment;
	readonly file?: string;
	/** Where the language model's texts go, and with which key. "": nowhere. */
	readonly chat: string;
	readonly key?: string | undefined;
	readonly embedding?: string;
	readonly embeddingKey?: string | undefined;
	readonly says?: RegExp;
}

const openai = "LLM_PROVIDER=openai\nLLM_CHOICE=m\n";
const unreadUrl = (line: string, says: RegExp): Row => ({
	file: `${openai}${line}\nLLM_API_KEY=${secret}\n`,
	chat: "",
	embedding: "",
	says,
});
const placeholder = (key: string): Row => ({
	env: { LLM_PROVIDER: "openai", LLM_CHOICE: "m", LLM_BASE_URL: mine, LLM_API_KEY: key },
	chat: "",
	embedding: "",
	says: /LLM_API_KEY is a placeholder: nobody filled/,
});
const url = (text: string): Row => ({
	env: { LLM_PROVIDER: "openai", LLM_CHOICE: "m", LLM_BASE_URL: text, LLM_API_KEY: secret },
	chat: "",
	embedding: "",
	says: /LLM_BASE_URL is a placeholder: nobody filled/,
});

const table: Readonly<Record<string, Row>> = {
	"an empty URL and provider leave the file's": {
		env: { LLM_BASE_URL: "", LLM_PROVIDER: " ", LLM_CHOICE: "", LLM_API_KEY: "" },
		file: `${openai}LLM_BASE_URL=${mine}\nLLM_API_KEY=${secret}`,
		chat: mine,
		key: secret,
		embedding: mine,
	},
	"an empty key beside its URL means that the server needs none": {
		env: { LLM_BASE_URL: mine, LLM_API_KEY: "", LLM_CHOICE: "m" },
		file: `LLM_API_KEY=${secret}`,
		chat: mine,
		key: undefined,
	},
	"OPENAI_API_KEY beside another host's OPENAI_BASE_URL does not go to OpenAI": {
		env: { LLM_PROVIDER: "openai", LLM_CHOICE: "m", OPENAI_API_KEY: secret, OPENAI_BASE_URL: other },
		chat: own,
		key: undefined,
	},
	"OPENAI_API_KEY beside OpenAI's OPENAI_BASE_URL goes there": {
		env: { LLM_PROVIDER: "openai", LLM_CHOICE: "m", OPENAI_API_KEY: secret, OPENAI_BASE_URL: own },
		chat: own,
		key: secret,
	},
	"a line with a URL that nobody can read": unreadUrl(`LLM BASE URL=${other}`, /LLM_BASE_URL/),
	"another program's name of the URL, in a file for this one": unreadUrl(
		`OPENAI_BASE_URL=${other}`,
		/OPENAI_BASE_URL/,
	),
	"a name of the URL without a prefix": unreadUrl(`BASE_URL=${other}`, /BASE_URL/),
	"another program's name of the URL, in the environment": {
		env: { OPENAI_BASE_URL: other },
		file: `${openai}LLM_API_KEY=${secret}`,
		chat: own,
		key: secret,
	},
	"a URL that a program filled in with nothing": {
		env: { LLM_PROVIDER: "openai", LLM_CHOICE: "m", LLM_BASE_URL: "None", LLM_API_KEY: secret },
		chat: "",
		embedding: "",
		says: /LLM_BASE_URL is a placeholder/,
	},
	"the environment's key does not go to a file's URL": {
		env: { LLM_API_KEY: secret },
		file: `${openai}LLM_BASE_URL=${other}`,
		chat: other,
		key: undefined,
		embedding: other,
		embeddingKey: undefined,
		says: /LLM_API_KEY of the environment is not sent to http:\/\/another\.local:8010: .*named\.env names that host/,
	},
	"the environment's key does not go to the default host that a file chose": {
		env: { LLM_API_KEY: secret },
		file: "LLM_PROVIDER=openrouter\nLLM_CHOICE=m",
		chat: "https://openrouter.ai/api/v1",
		key: undefined,
		says: /not sent to https:\/\/openrouter\.ai/,
	},
	"a file's key does not go to the environment's URL": {
		env: { LLM_BASE_URL: other },
		file: `${openai}LLM_BASE_URL=${mine}\nLLM_API_KEY=${secret}`,
		chat: other,
		key: undefined,
		says: /named\.env is not sent to http:\/\/another\.local:8010: the environment names that host/,
	},
	"a file's key goes to its host when the environment names the same": {
		env: { LLM_BASE_URL: `${mine}/` },
		file: `${openai}LLM_BASE_URL=${mine}\nLLM_API_KEY=${secret}`,
		chat: mine,
		key: secret,
	},
	"each source's key stays with its URL when both have one": {
		env: { LLM_API_KEY: secret },
		file: `${openai}LLM_BASE_URL=${other}\nLLM_API_KEY=${theirs}`,
		chat: other,
		key: theirs,
	},
	"a file says that the environment's key is for its URL": {
		env: { LLM_API_KEY: secret },
		file: `${openai}LLM_BASE_URL=${mine}\nLLM_API_KEY=\${LLM_API_KEY}`,
		chat: mine,
		key: secret,
	},
	"the environment's embedding key does not go to a file's URL": {
		env: { EMBEDDING_API_KEY: secret },
		file: `${openai}LLM_BASE_URL=${mine}\nEMBEDDING_BASE_URL=${other}`,
		chat: mine,
		embedding: other,
		embeddingKey: undefined,
		says: /EMBEDDING_API_KEY of the environment is not sent/,
	},
	"Azure's key does not go to another source's resource": {
		env: { AZURE_OPENAI_API_KEY: secret },
		file: "LLM_PROVIDER=azure\nLLM_CHOICE=d\nAZURE_OPENAI_ENDPOINT=https://them.openai.azure.com",
		chat: "https://them.openai.azure.com",
		key: undefined,
		says: /AZURE_OPENAI_API_KEY of the environment is not sent/,
	},
	"the language model's key does not go to the embeddings' host": {
		file: `${openai}LLM_BASE_URL=${mine}\nLLM_API_KEY=${secret}\nEMBEDDING_BASE_URL=default`,
		chat: mine,
		key: secret,
		embedding: own,
		embeddingKey: undefined,
		says: /LLM_API_KEY is not sent to https:\/\/api\.openai\.com/,
	},
	"a YAML line": unreadUrl(`LLM_BASE_URL: ${mine}`, /LLM_BASE_URL: in line 3 of .*named\.env is not read/),
	"a JSON line": unreadUrl(`"LLM_BASE_URL": "${mine}",`, /line 3 .*is not read/),
	"a line of cmd.exe": unreadUrl(`set LLM_BASE_URL=${mine}`, /set LLM_BASE_URL= in line 3/),
	"a line of PowerShell": unreadUrl(`$env:LLM_BASE_URL="${mine}"`, /\$env:LLM_BASE_URL in line 3/),
	"an exported YAML line": unreadUrl(`export LLM_BASE_URL: ${mine}`, /export LLM_BASE_URL: in line 3/),
	"a list entry": unreadUrl(`- LLM_BASE_URL=${mine}`, /- LLM_BASE_URL= in line 3/),
	"a line without a sign": unreadUrl(`LLM_BASE_URL ${mine}`, /LLM_BASE_URL in line 3/),
	"a lower-case name": unreadUrl(`llm_base_url=${mine}`, /llm_base_url in line 3/),
	"a misspelt name": unreadUrl(`LLM_BASEURL=${mine}`, /LLM_BASEURL in line 3/),
	"a name with letters swapped": unreadUrl(`LLM_BSAE_URL=${mine}`, /LLM_BSAE_URL in line 3/),
	"another program's name": unreadUrl(`LLM_API_BASE=${mine}`, /LLM_API_BASE in line 3/),
	"a host by another name": unreadUrl(`LLM_HOST=${mine}`, /LLM_HOST in line 3 .*LLM_BASE_URL/),
	"a misspelt provider": {
		file: `LLM_PROVIDR=ollama\nLLM_CHOICE=m\nLLM_API_KEY=${secret}`,
		chat: "",
		embedding: "",
		says: /LLM_PROVIDR in line 1 .* not read: the variable is LLM_PROVIDER/,
	},
	"a URL that an open quote has swallowed": {
		file: `LLM_PROVIDER=openai\nLLM_CHOICE="m\nLLM_BASE_URL=${mine}\nOTHER="x"\n`,
		chat: "",
		embedding: "",
		says: /LLM_BASE_URL= in line 3 .*quotation mark/,
	},
	"a URL in a value of several lines": {
		file: `LLM_PROVIDER=openai\nLLM_CHOICE="m\nLLM_BASE_URL=${mine}\n"\nLLM_API_KEY=${secret}\n`,
		chat: "",
		embedding: "",
		says: /LLM_BASE_URL= in line 3 .*quotation mark/,
	},
	"a misspelt URL of the embeddings only": {
		file: `${openai}LLM_BASE_URL=${mine}\nEMBEDINGS_BASE_URL=${other}`,
		chat: mine,
		embedding: "",
		says: /EMBEDINGS_BASE_URL in line 4/,
	},
	"a misspelt URL beside the right one": {
		file: `${openai}LLM_BASE_URL=${mine}\nLLM_BASEURL=${other}`,
		chat: mine,
		embedding: mine,
		says: /LLM_BASEURL in line 4/,
	},
	"a misspelt name in the environment": {
		env: { LLM_PROVIDER: "openai", LLM_BASEURL: mine, LLM_API_KEY: secret },
		chat: "",
		embedding: "",
		says: /LLM_BASEURL in the environment is not read/,
	},
	"a misspelt model, which sends nothing astray": {
		file: `LLM_BASE_URL=${mine}\nLLM_MODEL=qwen\nEMBEDDINGS_MODEL=bge`,
		chat: mine,
		says: /LLM_MODEL in line 2 .*LLM_CHOICE[\s\S]*EMBEDDINGS_MODEL in line 3 .*EMBEDDING_MODEL_CHOICE/,
	},
	"other programs' variables are none of our business": {
		env: {
			DB_HOST: "x",
			LOGLEVEL: "x",
			OPENAI_API_VERSION: "x",
			MEM0_API_KEY: "x",
			MEMORY_DB: "x",
			host: "y",
		},
		chat: "",
		says: /^$/,
	},
	"names that every object has": {
		file: `__proto__=x\nconstructor=y\ntoString=z\n${openai}LLM_BASE_URL=${mine}`,
		chat: mine,
		says: /^LLM_PROVIDER|^$/,
	},
	"a leftover line that may be a secret": {
		file: `${openai}LLM_BASE_URL=${mine}\n${secret}\n`,
		chat: mine,
		says: /Line 4 of .* is not read/,
	},
	"a key that the client did not fill in": placeholder("${LLM_API_KEY}"),
	"a key that the client did not ask for": placeholder("${input:key}"),
	"a key with an empty default": placeholder("${KEY:-}"),
	"a key of another template": placeholder("{{LLM_API_KEY}}"),
	"a key of cmd.exe": placeholder("%LLM_API_KEY%"),
	"a key of a shell": placeholder("$LLM_API_KEY"),
	"a key of a command": placeholder("$(pass llm)"),
	"an example's key": placeholder("your_api_key_here"),
	"another example's key": placeholder("your-api-key"),
	"a shortened key": placeholder("sk-..."),
	"a key in brackets": placeholder("<key>"),
	"a key in brackets, with a space": placeholder("<your key>"),
	"a key to be changed": placeholder("changeme"),
	"a key of x": placeholder("xxx"),
	"a placeholder behind Bearer": placeholder("Bearer ${TOKEN}"),
	"a URL that the client did not fill in": url("${LLM_BASE_URL}"),
	"a URL with a host that nobody filled in": url("http://${HOST}/v1"),
	"a URL of an example": url("https://your-proxy.example/openai/v1"),
	"a URL in brackets": url("http://<host>:8009/v1"),
	"a URL with an example's host": url("http://YOUR_HOST:8009/v1"),
	"a file's variable that nothing sets": {
		file: `${openai}LLM_BASE_URL=\${NOT_THERE}\nLLM_API_KEY=${secret}`,
		chat: "",
		embedding: "",
		says: /LLM_BASE_URL is a placeholder/,
	},
	"a model that nobody filled in": {
		env: { LLM_PROVIDER: "openai", LLM_BASE_URL: mine, LLM_CHOICE: "<model>" },
		chat: "",
		embedding: "",
		says: /LLM_CHOICE is a placeholder/,
	},
	"a placeholder for embeddings that the built-in model makes": {
		env: { LLM_BASE_URL: mine, EMBEDDING_PROVIDER: "builtin", EMBEDDING_API_KEY: "${EMBEDDING_API_KEY}" },
		chat: mine,
		embedding: "",
	},
	"a key that no header can carry, beside embeddings of their own": {
		env: {
			LLM_BASE_URL: mine,
			LLM_API_KEY: "sk-pl…nted",
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_BASE_URL: other,
		},
		chat: "",
		embedding: other,
		says: /U\+2026 is at position 6/,
	},
};

describe("A hostile or mistaken environment", () => {
	for (const [name, { env = {}, file, ...expected }] of Object.entries(table))
		it(name, () => {
			const { chat, embedding, said } = outcome(env, file);
			assert.equal(chat?.baseUrl ?? "", expected.chat);
			if ("key" in expected) assert.equal(chat?.apiKey, expected.key);
			if ("embedding" in expected) assert.equal(embedding?.baseUrl ?? "", expected.embedding);
			if ("embeddingKey" in expected) assert.equal(embedding?.apiKey, expected.embeddingKey);
			if (expected.says) assert.match(said, expected.says);
			for (const hidden of [secret, theirs]) assert.ok(!said.includes(hidden), said);
		});

	it("does not give one source's headers to another source's host", () => {
		const env = { LLM_HEADERS: `{"X-Token": "${secret}"}`, EMBEDDING_HEADERS: `{"X-Token": "${secret}"}` };
		const found = outcome(env, `${openai}LLM_BASE_URL=${other}`);
		assert.deepEqual([found.chat?.headers, found.embedding?.headers], [{}, {}]);
		assert.match(found.said, /LLM_HEADERS of the environment is not sent[\s\S]*EMBEDDING_HEADERS of the env/);
	});

	it("names a .env in the working directory, and does not open it", () => {
		const folder = temporaryFolder();
		writeFileSync(join(folder, ".env"), `LLM_BASE_URL=${other}\nTRANSPORT=http\n`, { mode: 0o000 });
		const { sources, notices, file } = loadSources({}, folder);
		assert.deepEqual([sources.length, file], [1, undefined]);
		assert.match(notices.map(messageOf).join(), /\.env is not read: .*--env \.env/);
		mkdirSync(join(folder, "venv", ".env"), { recursive: true });
		assert.deepEqual(loadSources({}, join(folder, "venv")).notices, []);
	});

	it("takes the file that MCP_MEM0_ENV_FILE names, after the one that --env names", () => {
		const folder = temporaryFolder();
		writeFileSync(join(folder, "a.env"), "DEFAULT_USER_ID=ada\n");
		writeFileSync(join(folder, "b.env"), "DEFAULT_USER_ID=bob\n");
		const env = { MCP_MEM0_ENV_FILE: "b.env" };
		assert.equal(loadSources(env, folder).file, join(folder, "b.env"));
		assert.equal(loadSources(env, folder, "a.env").file, join(folder, "a.env"));
		for (const bad of ["missing.env", "${input:file}", "~other/x.env", folder])
			assert.throws(() => loadSources({ MCP_MEM0_ENV_FILE: bad }, folder), ConfigError);
	});

	it("takes what Node has read of the file for the file's", () => {
		const file = `${openai}LLM_BASE_URL=${mine}\nLLM_API_KEY=${secret}#x`;
		// Node's parser ends the key at its `#`.
		const env = { LLM_PROVIDER: "openai", LLM_CHOICE: "m", LLM_BASE_URL: mine, LLM_API_KEY: secret };
		assert.equal(outcome(env, undefined, [file]).chat?.apiKey, `${secret}#x`);
	});

	it("sends the environment's key to no URL of a file that Node has read, with whatever other file", () => {
		const urlFile = `${openai}LLM_BASE_URL=${other}\n`;
		const env = { LLM_PROVIDER: "openai", LLM_CHOICE: "m", LLM_BASE_URL: other, LLM_API_KEY: secret };
		for (const [named, ofNode] of [
			[undefined, [urlFile]],
			[undefined, [urlFile, "LOG_LEVEL=INFO"]],
			[undefined, ["LOG_LEVEL=INFO", urlFile]],
			["LOG_LEVEL=INFO", [urlFile]],
		] as const) {
			const { chat, said } = outcome(env, named, ofNode);
			assert.deepEqual([chat?.baseUrl, chat?.apiKey], [other, undefined]);
			assert.match(said, /LLM_API_KEY/);
		}
		// Of several files Node takes the last one's value, and the environment's before all.
		const { config } = outcome({ DEFAULT_USER_ID: "bob" }, undefined, [
			"DEFAULT_USER_ID=ada",
			"DEFAULT_USER_ID=bob",
		]);
		assert.equal(config.userId, "bob");
		assert.equal(outcome({ HOST: "::1" }, undefined, ["HOST=::1", "HOST=0.0.0.0"]).config.host, "::1");
	});

	it("reads a file as its byte order mark says, and names another encoding", () => {
		const text = `LLM_BASE_URL=${mine}\nDEFAULT_USER_ID=Zoë\n`;
		for (const bytes of [`\uFEFF${text}`, Buffer.from(`\uFEFF${text}`, "utf16le")])
			assert.equal(outcome({}, bytes).config.userId, "Zoë");
		assert.throws(() => outcome({}, Buffer.from(text, "latin1")), /not UTF-8: it looks like Latin-1/);
	});

	for (const name of ["MEMORY_DIR", "DEFAULT_USER_ID", "AUTH_TOKEN", "TRANSPORT", "PORT", "HOST"])
		it(`refuses ${name} that nobody filled in`, () => {
			assert.throws(
				() => outcome({ [name]: `\${input:${name}}`, LLM_API_KEY: "${KEY}" }),
				(error) => error instanceof ConfigError && /nobody filled in/.test(error.message),
			);
		});
});

describe("A folder that a variable names", () => {
	const env = { HOME: "/home/ada", DATA: "/data", EMPTY: "", APPDATA: "C:\\Users\\ada\\AppData" };
	const expanded: readonly (readonly [given: string, path: string, platform?: NodeJS.Platform])[] = [
		["~", homedir()],
		["~/memory", `${homedir()}/memory`],
		["$HOME/memory", "/home/ada/memory"],
		["${HOME}/memory", "/home/ada/memory"],
		["${DATA}", "/data"],
		["${EMPTY:-/srv}/memory", "/srv/memory"],
		["/srv/~memory", "/srv/~memory"],
		["/srv/100%", "/srv/100%"],
		["%APPDATA%\\memory", "C:\\Users\\ada\\AppData\\memory", "win32"],
	];
	for (const [given, path, platform = "linux"] of expanded)
		it(`${given} is ${path}`, () => assert.equal(expandPath(given, env, platform), path));

	const refused = [
		"~bob/memory",
		"$NOT_THERE/memory",
		"$constructor/memory",
		"${NOT_THERE}",
		"${EMPTY}",
		"${workspaceFolder}/memory",
		"${env:HOME}/memory",
		"%APPDATA%\\memory",
		"{{HOME}}/memory",
		"<folder>",
		"$(pwd)",
		"`pwd`",
		'"/srv/memory"',
		"file:///srv/memory",
		"C:\\memory",
	];
	for (const given of refused)
		it(`${given} is refused`, () => assert.equal(typeof expandPath(given, env, "linux"), "object"));
});

describe("A key as it is pasted", () => {
	const mended: readonly string[] = [
		`Bearer ${secret}`,
		`bearer  ${secret}`,
		`Authorization: Bearer ${secret}`,
		`"${secret}"`,
		`“${secret}”`,
		`'Bearer ${secret}'`,
		`"${secret}",`,
		`${secret}\u200b`,
		`\ufeff${secret}`,
		`sk-\u2060planted\u00ad-4711`,
		`\u00a0${secret}\u00a0`,
		`\n${secret}\r\n`,
		`export LLM_API_KEY="${secret}"`,
	];
	for (const text of mended)
		it(`is mended: ${JSON.stringify(text)}`, () => {
			const read = readKey(text);
			assert.equal(read.key, secret);
		});

	const unusable: readonly (readonly [string, RegExp])[] = [
		["sk-pl…nted", /U\+2026 is at position 6/],
		["sk planted", /U\+0020 is at position 3/],
		["sk-a\nsk-b", /U\+000A is at position 5/],
		["ключ", /U\+043A is at position 1/],
		['""', /nothing of it is left/],
	];
	for (const [text, why] of unusable)
		it(`is named by character and place: ${JSON.stringify(text)}`, () => {
			const read = readKey(text);
			assert.ok(read.key === undefined && why.test(read.why), JSON.stringify(read));
		});

	it("may be any word that a server without keys is given", () => {
		for (const key of ["EMPTY", "none", "ollama", "lm-studio", "not-needed", "sk-your-custom-key", "dummy"])
			assert.equal(readKey(key).key, key);
	});
});
