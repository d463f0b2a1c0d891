import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "jsonc-parser";
import { apply } from "../../../src/agents/change.ts";
import type { Places, ServerEntry } from "../../../src/agents/client.ts";
import { clients } from "../../../src/agents/clients/index.ts";
import { planConnect, planDisconnect } from "../../../src/agents/connections.ts";
import {
	type Hooking,
	hasHooks,
	inspectHooks,
	planHooks,
	planWithoutHooks,
} from "../../../src/agents/hooks/hookFiles.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const entry: ServerEntry = {
	command: "/usr/bin/node",
	args: ["/home/ada/.local/share/mcp-mem0/mcp-mem0.mjs"],
	env: {},
};

/** Real shapes of files that have hooks of others, or none. @param event that we want, too. */
const filesWith = (event: string): Readonly<Record<string, string>> => ({
	"hooks of others": `{\n  "version": 1,\n  "hooks": {\n    "${event}": [\n      {\n        "hooks": [\n          { "type": "command", "command": "npx other" }\n        ]\n      }\n    ],\n    "Stop": [{ "command": "say done" }]\n  },\n  "theme": "dark"\n}\n`,
	"comments and trailing commas": `// mine\n{\n  "version": 1, /* of the format */\n  "hooks": {\n    // at the start\n    "${event}": [\n      { "command": "one" }, // first\n    ],\n  },\n}\n`,
	"tabs and CRLF": `{\r\n\t"version": 1,\r\n\t"hooks": {\r\n\t\t"${event}": [\r\n\t\t\t{ "command": "one" }\r\n\t\t]\r\n\t}\r\n}\r\n`,
	"no hooks": `{\n    "version": 1,\n    "theme": "dark"\n}`,
	"an empty object of hooks": `{"version": 1, "hooks": {}, "theme": "dark"}`,
	"an empty list": `{\n  "version": 1,\n  "hooks": {\n    "${event}": []\n  }\n}\n`,
	"switches among the hooks": `{\n  "version": 1,\n  "hooks": {\n    "enabled": true,\n    "disabled": ["x"]\n  }\n}\n`,
	"no version": `{\n  "theme": "dark"\n}\n`,
	"an empty object": "{}\n",
	"no byte": "",
	"blank lines": "\n\n",
	"all in one line": `{"version":1,"hooks":{"${event}":[{"command":"one"}]}}`,
	"a byte order mark": `\uFEFF{\n  "version": 1,\n  "hooks": {}\n}\n`,
});

function placesIn(home: string): Places {
	return { platform: "linux", home, env: {}, cwd: join(home, "work") };
}

async function put(file: string, text: string): Promise<void> {
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, text);
}

type Lists = Readonly<Record<string, unknown>>;

function hooksIn(text: string): Lists {
	const values = parse(text.replace(/^\uFEFF/, ""), [], { allowTrailingComma: true }) as { hooks?: Lists };
	return structuredClone(values?.hooks ?? {});
}

/** Each list of hooks without ours. */
function othersIn(text: string): Lists {
	const lists = Object.entries(hooksIn(text)).map(([event, list]): [string, unknown] => [
		event,
		Array.isArray(list) ? list.filter((item) => !JSON.stringify(item).includes("mcp-mem0")) : list,
	]);
	return Object.fromEntries(lists.filter(([, list]) => !Array.isArray(list) || list.length > 0));
}

async function connect(client: Hooking, places: Places, wanted = entry): Promise<string> {
	await apply(await planHooks(client, places, wanted));
	return readFile(client.hooks.file(places), "utf8");
}

const disconnect = async (client: Hooking, places: Places) => apply(await planWithoutHooks(client, places));

for (const client of clients.filter(hasHooks))
	describe(`Hooks of ${client.name}`, () => {
		const { events, as, file: fileIn } = client.hooks;

		for (const [shape, text] of Object.entries(filesWith(events[0] as string)))
			it(`are put into a file with ${shape}, and the bytes come back`, async () => {
				const places = placesIn(temporaryFolder());
				const file = fileIn(places);
				await put(file, text);
				const connected = await connect(client, places);
				const lists = hooksIn(connected);
				for (const event of events) {
					const command = `/usr/bin/node /home/ada/.local/share/mcp-mem0/mcp-mem0.mjs hook --client ${as} ${event}`;
					assert.equal(JSON.stringify(lists[event]).split(JSON.stringify(command)).length, 2, connected);
				}
				assert.deepEqual(othersIn(connected), othersIn(text));
				// Every line is still there, in its order, unless it holds the brackets or the comma beside ours.
				if (text.includes("\n"))
					for (const line of text.split(/\r?\n/).filter((each) => /\w/.test(each)))
						assert.ok(
							connected.includes(line.replace(/[,\]}\s]+(\/\/.*)?$/, "")),
							`${line} in\n${connected}`,
						);
				assert.equal(/[^\r]\n/.test(connected) && /\r\n/.test(connected), false, "one kind of line ending");
				assert.equal(await inspectHooks(client, places, entry), "in place");
				assert.equal((await planHooks(client, places, entry)).diff, "", "again: nothing to do");
				await disconnect(client, places);
				assert.equal(await readFile(file, "utf8"), text);
				assert.equal(await inspectHooks(client, places, entry), "missing");
				const left = await readdir(dirname(file));
				assert.deepEqual(
					left.filter((each) => each.includes("backup")),
					[],
				);
			});

		it("are in a file of their own where there was none, which goes with them", async () => {
			const places = placesIn(temporaryFolder());
			const connected = await connect(client, places);
			assert.deepEqual(Object.keys(hooksIn(connected)), events);
			await disconnect(client, places);
			await assert.rejects(readFile(fileIn(places)), { code: "ENOENT" });
		});

		it("are taken out by themselves when others came meanwhile, into the same lists and items, too", async () => {
			const places = placesIn(temporaryFolder());
			const connected = await connect(client, places);
			const values = JSON.parse(connected) as { hooks: Record<string, unknown[]> };
			const [first = "", second = ""] = events;
			values.hooks[first]?.push({ command: "theirs" });
			const item = values.hooks[second]?.[0] as { hooks?: unknown[] };
			item.hooks?.push({ type: "command", command: "beside ours" });
			await put(fileIn(places), JSON.stringify(values, undefined, 2));
			await disconnect(client, places);
			const left = hooksIn(await readFile(fileIn(places), "utf8"));
			assert.deepEqual(left, {
				[first]: [{ command: "theirs" }],
				...(item.hooks ? { [second]: [{ hooks: [{ type: "command", command: "beside ours" }] }] } : {}),
			});
		});

		it("of another installation are mended, once for each event, with what somebody added to them", async () => {
			const places = placesIn(temporaryFolder());
			const [event = ""] = events;
			const old = await connect(client, places, { ...entry, command: "/gone/node" });
			const values = JSON.parse(old) as { hooks: Record<string, Record<string, unknown>[]> };
			const [item = {}] = values.hooks[event] ?? [];
			values.hooks[event] = [{ ...item, matcher: "startup" }, item];
			values.hooks.SomeOther = [item];
			await put(fileIn(places), JSON.stringify(values, undefined, "\t"));
			assert.equal(await inspectHooks(client, places, entry), "stale");
			const now = await connect(client, places);
			assert.doesNotMatch(now, /gone|SomeOther/);
			const lists = hooksIn(now) as Record<string, { matcher?: string }[]>;
			assert.deepEqual(Object.keys(lists), events);
			assert.equal(lists[event]?.length, 1);
			assert.equal(lists[event]?.[0]?.matcher, "startup");
			assert.equal(await inspectHooks(client, places, entry), "in place");
		});

		it("are not put into a file that is broken, or has something else in their place", async () => {
			const places = placesIn(temporaryFolder());
			for (const broken of ['{\n"hooks" = }', '{\n"hooks": []}', `{"hooks": {\n"${events[0]}": {}}}`]) {
				await put(fileIn(places), broken);
				await assert.rejects(connect(client, places), /, line 2: not .*It was left alone/);
				assert.equal(await readFile(fileIn(places), "utf8"), broken);
			}
		});
	});

describe("Hooks and servers in one file", () => {
	const gemini = clients.find(({ id }) => id === "gemini") as Hooking;

	it("come and go, and the bytes come back", async () => {
		const places = placesIn(temporaryFolder());
		const text = '{\n\t"theme": "dark", // mine\n}\n';
		await put(gemini.file(places), text);
		await apply(await planConnect(gemini, places, entry));
		await apply(await planHooks(gemini, places, entry));
		await apply(await planWithoutHooks(gemini, places));
		assert.match(await readFile(gemini.file(places), "utf8"), /mcpServers/);
		await apply(await planDisconnect(gemini, places));
		assert.equal(await readFile(gemini.file(places), "utf8"), text);
		assert.deepEqual(await readdir(dirname(gemini.file(places))), ["settings.json"]);
	});
});
