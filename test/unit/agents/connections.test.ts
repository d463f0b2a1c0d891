import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, readFile, symlink, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse as parseToml } from "@decimalturn/toml-patch";
import { parse as parseJson } from "jsonc-parser";
import { parse as parseYaml } from "yaml";
import { apply } from "../../../src/agents/change.ts";
import type { Client, Places, ServerEntry } from "../../../src/agents/client.ts";
import { clients } from "../../../src/agents/clients/index.ts";
import { backupOf, ConfigFileError } from "../../../src/agents/configFile.ts";
import { inspect, planConnect, planDisconnect } from "../../../src/agents/connections.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const entry: ServerEntry = {
	command: "/usr/bin/node",
	args: ["/home/ada/.local/share/mcp-mem0/launch.mjs"],
	env: { DEFAULT_USER_ID: 'Ada "the first" \\ Lovelace' },
};

/** Real shapes of files, in which a reader of each format finds another server and something else. */
const jsonFiles = (servers: string): Readonly<Record<string, string>> => ({
	"another server": `{\n  "${servers}": {\n    "other": {\n      "command": "npx",\n      "args": ["-y", "other"]\n    }\n  },\n  "theme": "dark"\n}\n`,
	"comments and a trailing comma": `// mine\n{\n  /* servers */\n  "${servers}": {\n    // the other one\n    "other": { "command": "npx", "args": ["-y"], }, // here\n  },\n  "theme": "dark",\n}\n`,
	"tabs and CRLF": `{\r\n\t"theme": "dark",\r\n\t"${servers}": {\r\n\t\t"other": { "command": "npx" }\r\n\t}\r\n}\r\n`,
	"no servers": `{\n    "theme": "dark"\n}`,
	"an empty object of servers": `{"${servers}": {}, "theme": "dark"}`,
	"an empty object": "{}\n",
	"no byte": "",
	"blank lines": "\n\n",
	"all in one line": `{"${servers}":{"other":{"command":"npx"}},"theme":"dark"}`,
	"keys that repeat names": `{\n  "projects": { "/a": { "${servers}": { "mcp-mem0": 1 } } },\n  "${servers}": { "other": {} }\n}\n`,
});
const tomlFiles: Readonly<Record<string, string>> = {
	"another server": `# mine\nmodel = "o3" # best\n\n[mcp_servers.other]\ncommand = "npx"\nargs = ["-y"]\n\n[mcp_servers.other.env]\nK = 'v'\n\n# fast\n[profiles.fast]\nmodel = "mini"\n`,
	CRLF: `model = "o3"\r\n\r\n[mcp_servers.other]\r\ncommand = "npx"\r\n`,
	"no newline at its end": `model = "o3"`,
	"an inline table of servers": `mcp_servers.other = { command = "npx" }\n`,
	"no byte": "",
};
const yamlFiles: Readonly<Record<string, string>> = {
	"another server": `name: My config # mine\nversion: 1.0.0\nmcpServers:\n  - name: other\n    command: npx\n    args:\n      - -y # yes\n\n# models\nmodels:\n  - name: x\n    provider: ollama\n`,
	"a list without indentation": `mcpServers:\n- name: other\n  command: npx\nmodels: []\n`,
	CRLF: `name: x\r\nmcpServers:\r\n    - name: other\r\n      command: npx\r\n`,
	"no servers": `name: x\nmodels:\n  - name: y\n`,
	"an empty list": `name: x\nmcpServers: []\nmodels: []\n`,
	"no byte": "",
};

function filesOf({ id, servers }: Client): Readonly<Record<string, string>> {
	if (id === "codex") return tomlFiles;
	return id === "continue" ? yamlFiles : jsonFiles(servers[0]);
}

function valuesIn({ id }: Client, text: string): Record<string, unknown> {
	if (id === "codex") return structuredClone(parseToml(text)) as Record<string, unknown>;
	const values: unknown =
		id === "continue" ? parseYaml(text) : parseJson(text, [], { allowTrailingComma: true });
	return (values ?? {}) as Record<string, unknown>;
}

/** All servers of a client's file, by name. */
function serversIn(client: Client, text: string): Record<string, unknown> {
	const found = valuesIn(client, text)[client.servers[0]] ?? {};
	if (!Array.isArray(found)) return found as Record<string, unknown>;
	return Object.fromEntries(
		(found as { readonly name: string }[]).map(({ name, ...rest }) => [name, rest] as const),
	);
}

const nameIn = ({ serverName = "mcp-mem0" }: Client) => serverName;

function placesIn(home: string): Places {
	return { platform: "linux", home, env: {}, cwd: join(home, "work") };
}

async function put(file: string, text: string): Promise<void> {
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, text);
}

async function connect(client: Client, places: Places, wanted = entry): Promise<string> {
	await apply(await planConnect(client, places, wanted));
	return readFile(client.file(places), "utf8");
}

const disconnect = async (client: Client, places: Places) => apply(await planDisconnect(client, places));

for (const client of clients)
	describe(`Connecting ${client.name}`, () => {
		const { id } = client;

		for (const [shape, text] of Object.entries(filesOf(client)))
			it(`adds its entry to a file with ${shape}, and gives the bytes back`, async () => {
				const places = placesIn(temporaryFolder());
				const file = client.file(places);
				await put(file, text);
				const connected = await connect(client, places);
				const { [nameIn(client)]: own, ...others } = serversIn(client, connected);
				assert.deepEqual(own, client.toEntry(entry));
				assert.deepEqual(others, serversIn(client, text));
				const rest = ({ [client.servers[0]]: _, ...values }: Record<string, unknown>) => values;
				assert.deepEqual(rest(valuesIn(client, connected)), rest(valuesIn(client, text)));
				// Every line is still there, in its order, unless it holds the brackets or the comma beside the entry.
				if (text.includes("\n") && shape !== "an empty list")
					for (const line of text.split(/\r?\n/).filter((each) => /\w/.test(each)))
						assert.ok(
							connected.includes(line.replace(/[,\]}\s]+(\/\/.*)?$/, "")),
							`${line} in\n${connected}`,
						);
				assert.equal(/[^\r]\n/.test(connected) && /\r\n/.test(connected), false, "one kind of line ending");
				assert.equal(await inspect(client, places, entry), "connected");
				assert.equal((await planConnect(client, places, entry)).diff, "", "again: nothing to do");
				await disconnect(client, places);
				assert.equal(await readFile(file, "utf8"), text);
				assert.deepEqual(
					(await readdir(dirname(file))).filter((each) => each.includes("backup")),
					[],
				);
			});

		it("takes out just its entry when the file was changed meanwhile", async () => {
			const places = placesIn(temporaryFolder());
			const file = client.file(places);
			const [[, text] = ["", ""]] = Object.entries(filesOf(client));
			await put(file, text);
			const connected = await connect(client, places);
			const comment = id === "codex" || id === "continue" ? "# later\n" : "";
			await put(file, comment ? comment + connected : connected.replace(/"dark"/, '"light"'));
			await disconnect(client, places);
			const expected = comment ? comment + text : text.replace(/"dark"/, '"light"');
			assert.deepEqual(valuesIn(client, await readFile(file, "utf8")), valuesIn(client, expected));
			assert.match(await readFile(file, "utf8"), /# later|"light"/);
		});

		it("makes the file where there is none, and removes it again", async () => {
			const places = placesIn(temporaryFolder());
			const connected = await connect(client, places);
			assert.deepEqual(serversIn(client, connected), { [nameIn(client)]: client.toEntry(entry) });
			await disconnect(client, places);
			await assert.rejects(readFile(client.file(places)), { code: "ENOENT" });
		});

		it("repairs an entry that an update made stale, and keeps what somebody added to it", async () => {
			const places = placesIn(temporaryFolder());
			const added = id === "opencode" ? "environment" : "env";
			const old = client.toEntry({
				command: "/gone/node",
				args: ["/gone/mcp-mem0-0.0.1/dist/server.js"],
				env: { LLM_CHOICE: "mine" },
			});
			await put(
				client.file(places),
				client.format.set("", client.servers, nameIn(client), { ...old, extra: 7 }),
			);
			assert.equal(await inspect(client, places, entry), "stale");
			const { [nameIn(client)]: own } = serversIn(client, await connect(client, places));
			assert.deepEqual(own, {
				...client.toEntry(entry),
				[added]: { LLM_CHOICE: "mine", ...entry.env },
				extra: 7,
			});
		});

		it("leaves an entry of that name alone that starts another program", async () => {
			const places = placesIn(temporaryFolder());
			const others = [
				{ command: "uv", args: ["run", "src/main.py"] },
				// A server in Python has the same name.
				{ command: "uv", args: ["run", "--directory", "/src/mcp-mem0", "mcp-mem0"] },
				{ command: "docker", args: ["run", "--rm", "-i", "mcp-mem0"] },
			];
			for (const other of others) {
				const another = client.toEntry({ ...other, env: {} });
				const text = client.format.set("", client.servers, nameIn(client), another);
				await put(client.file(places), text);
				assert.equal(await inspect(client, places, entry), "foreign");
				await assert.rejects(connect(client, places), /starts another program\. It was left alone/);
				await assert.rejects(disconnect(client, places), ConfigFileError);
				assert.equal(await readFile(client.file(places), "utf8"), text);
			}
		});

		it("leaves a broken file alone, and names the line", async () => {
			const places = placesIn(temporaryFolder());
			const broken = id === "continue" ? "a: 1\nb: [1\nc: }\n" : '\n{"a": 1,\n "b" = }\n';
			await put(client.file(places), broken);
			await assert.rejects(connect(client, places), (error: ConfigFileError) => {
				assert.match(error.message, /, line [23]: not valid (JSON|TOML|YAML) \(.+\)\. It was left alone/);
				return error instanceof ConfigFileError;
			});
			assert.equal(await readFile(client.file(places), "utf8"), broken);
		});
	});

describe("The file of a client", () => {
	const [client] = clients as [Client];

	it("keeps its byte order mark and its rights", async () => {
		const places = placesIn(temporaryFolder());
		const file = client.file(places);
		await put(file, '\uFEFF{"theme": "dark"}');
		await chmod(file, 0o640);
		const connected = await connect(client, places);
		assert.equal(connected.charCodeAt(0), 0xfeff);
		assert.equal((await lstat(file)).mode & 0o777, 0o640);
		await disconnect(client, places);
		assert.equal(await readFile(file, "utf8"), '\uFEFF{"theme": "dark"}');
	});

	it("is written through a symbolic link", async () => {
		const places = placesIn(temporaryFolder());
		const [file, real] = [client.file(places), join(places.home, "dotfiles.json")];
		await put(real, "{}");
		await mkdir(dirname(file), { recursive: true });
		await symlink(real, file);
		await connect(client, places);
		assert.ok((await lstat(file)).isSymbolicLink());
		assert.match(await readFile(real, "utf8"), /mcp-mem0/);
	});

	it("that is read-only is an error that says so", async () => {
		const places = placesIn(temporaryFolder());
		await put(client.file(places), "{}");
		await chmod(client.file(places), 0o444);
		for (const folder of [places.home, dirname(client.file(places))]) await chmod(folder, 0o555);
		// Nothing is read-only to root.
		const root = process.getuid?.() === 0;
		if (root) process.seteuid?.(65_534);
		try {
			await assert.rejects(connect(client, places), /read-only, or not yours\. It was not changed/);
		} finally {
			if (root) process.seteuid?.(0);
			for (const folder of [places.home, dirname(client.file(places))]) await chmod(folder, 0o700);
		}
		assert.equal(await readFile(client.file(places), "utf8"), "{}");
	});

	it("that is a folder, or not UTF-8, is left alone", async () => {
		const places = placesIn(temporaryFolder());
		await mkdir(client.file(places), { recursive: true });
		await assert.rejects(connect(client, places), /a folder/);
		const other = placesIn(temporaryFolder());
		await mkdir(dirname(client.file(other)), { recursive: true });
		await writeFile(client.file(other), Buffer.from('{"name": "Z\xfcrich"}', "latin1"));
		await assert.rejects(connect(client, other), /not UTF-8\. It was left alone/);
	});

	it("that is a pipe, leads to a device or is endless is left alone at once", async function () {
		if (process.platform === "win32") this.skip();
		this.timeout(5000);
		for (const make of [
			(file: string) => execFileSync("mkfifo", [file]),
			(file: string) => symlinkSync("/dev/zero", file),
			(file: string) => {
				writeFileSync(file, "");
				truncateSync(file, 20e9);
			},
		]) {
			const places = placesIn(temporaryFolder());
			await mkdir(dirname(client.file(places)), { recursive: true });
			make(client.file(places));
			await assert.rejects(
				connect(client, places),
				/(not a regular file|larger than 32 MB)\. It was left alone/,
			);
			await assert.rejects(inspect(client, places, entry), ConfigFileError);
		}
	});

	it("of a folder is not written through a link that leads out, nor is its backup", async function () {
		if (process.platform === "win32") this.skip();
		const workspace = clients.find(({ id }) => id === "workspace") as Client;
		const places = placesIn(temporaryFolder());
		const outside = join(temporaryFolder(), "mine");
		await writeFile(outside, "{}");
		await mkdir(places.cwd, { recursive: true });
		await symlink(outside, workspace.file(places));
		await assert.rejects(connect(workspace, places), /a link to a file outside/);
		await unlink(workspace.file(places));
		await put(workspace.file(places), "/* hostile */ {}");
		await symlink(outside, backupOf(workspace.file(places)));
		await connect(workspace, places);
		assert.equal(await readFile(outside, "utf8"), "{}");
		await disconnect(workspace, places);
		assert.equal(await readFile(workspace.file(places), "utf8"), "/* hostile */ {}");
	});

	const oddForms: Readonly<Record<string, readonly [string, string]>> = {
		"its servers twice": ["cursor", '{"mcpServers": {"a": {}},\n"mcpServers": {"b": {}}}'],
		"our name twice": ["cursor", '{"mcpServers": {"mcp-mem0": {}, "mcp-mem0": {"command": "uv"}}}'],
		"a YAML mapping in one line": ["continue", "{mcpServers: [], a: 1}"],
		"a YAML list over several lines": ["continue", "b: 1\nmcpServers: [\n]\nc: 1\n"],
		"the end of a YAML document": ["continue", "---\nname: x\n...\n"],
	};
	for (const [what, [id, text]] of Object.entries(oddForms))
		it(`with ${what} is left alone`, async () => {
			const places = placesIn(temporaryFolder());
			const odd = clients.find((each) => each.id === id) as Client;
			await put(odd.file(places), text);
			await assert.rejects(connect(odd, places), ConfigFileError);
			assert.equal(await readFile(odd.file(places), "utf8"), text);
		});

	it("in TOML may have its servers in one line, or our name in a text", async () => {
		const codex = clients.find(({ id }) => id === "codex") as Client;
		for (const text of [
			"mcp_servers = {}\n",
			'mcp_servers = { other = { command = "x" } }\n\n[z]\nday = 1979-05-27\n',
			'about = """\n[mcp_servers.mcp-mem0]\n"""\n',
		]) {
			const places = placesIn(temporaryFolder());
			await put(codex.file(places), text);
			const connected = structuredClone(parseToml(await connect(codex, places))) as typeof before;
			const before = structuredClone(parseToml(text)) as { mcp_servers?: Record<string, unknown> };
			assert.deepEqual(connected, {
				...before,
				mcp_servers: { ...before.mcp_servers, "mcp-mem0": codex.toEntry(entry) },
			});
			await put(codex.file(places), `# mine\n${await readFile(codex.file(places), "utf8")}`);
			await disconnect(codex, places);
			const after = structuredClone(parseToml(await readFile(codex.file(places), "utf8")));
			assert.deepEqual({ mcp_servers: {}, ...(after as object) }, { mcp_servers: {}, ...before });
		}
	});

	it("that changed while the diff was looked at is not overwritten", async () => {
		const places = placesIn(temporaryFolder());
		await put(client.file(places), "{}");
		const change = await planConnect(client, places, entry);
		await put(client.file(places), '{"theme": "dark"}');
		await assert.rejects(apply(change), /changed while you looked/);
		assert.equal(await readFile(client.file(places), "utf8"), '{"theme": "dark"}');
	});

	it("has a backup beside it until it is as it was", async () => {
		const places = placesIn(temporaryFolder());
		const file = client.file(places);
		await put(file, '{"theme": "dark"}');
		await connect(client, places);
		assert.equal(await readFile(backupOf(file), "utf8"), '{"theme": "dark"}');
		await connect(client, places, { ...entry, command: "/other/node" });
		assert.equal(await readFile(backupOf(file), "utf8"), '{"theme": "dark"}', "the one without our entry");
	});
});
