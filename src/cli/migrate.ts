import { resolve } from "node:path";
import { readDatabaseUrl } from "../config/database.ts";
import { withPassword } from "../memory/borrowedSecrets.ts";
import { InputError } from "../memory/errors.ts";
import { type Moved, moveStore } from "../memory/transfer/moving.ts";
import { rowKinds } from "../store/copying.ts";
import type { MemoryStore } from "../store/memoryStore.ts";
import { hasDatabase, openConfiguredStore, type StoreConfig, storePlace, tablesIn } from "../store/stores.ts";
import { counted, plural } from "../text/wording.ts";
import { type Command, commandLine } from "./command.ts";
import { configuredHere, interruptible, type Launch } from "./context.ts";
import { databaseAt, databaseUrlFrom } from "./databaseUrl.ts";
import { printJson, progressLine, say } from "./terminal.ts";

/** What a copy is called that needs none. */
const nowhere = { chat: undefined, embedding: undefined };

/** Copies everything from the configured memory to another database. Deletes nothing; a second run adds what is missing. */
export const migrate: Command = {
	name: "migrate",
	summary: "copy the whole memory, of all users, into PostgreSQL or a folder, and compare both",
	flags: [
		{
			name: "to",
			value: "URL|FOLDER",
			summary: "where to: postgres://user:password@host/database, or a folder; - reads it from stdin",
		},
		{ name: "dry-run", summary: "only tell what would be copied" },
		{ name: "json", summary: "as JSON" },
	],
	run: async (launch, _, { to, "dry-run": dryRun, json }) => {
		if (typeof to !== "string")
			throw new InputError(
				commandLine,
				"migrate needs --to: mcp-mem0 migrate --to postgres://user@host/database, or --to FOLDER.",
			);
		const { config } = configuredHere(launch);
		const source = { ...withPassword(config), backups: config.backups };
		const { target, words, set } = await targetOf(launch, to);
		const from = storePlace(source);
		const into = storePlace(target);
		if (from === into)
			throw new InputError(commandLine, `The memory is in ${into} already. Name another place.`);
		if (!hasDatabase(source)) throw new InputError("memory", `There is no memory in ${from}.`);
		const trial = dryRun === true;
		const moved = await interruptible((signal) => move(source, target, trial, signal));
		if (json) printJson({ from, to: into, dryRun: trial, ...moved, ...(trial ? {} : { set }) });
		tell(moved, from, into, trial);
		if (moved.isComplete && !trial)
			say(
				`Nothing was removed from ${from}. To use the copy from now on, ${words} Programs that are running go on with ${from} until they are started again; run this once more after that, for what they have saved until then.`,
			);
		return moved.isComplete ? 0 : 1;
	},
};

async function move(
	source: StoreConfig,
	target: StoreConfig,
	trial: boolean,
	signal: AbortSignal,
): Promise<Moved> {
	const opened: MemoryStore[] = [];
	const open = async (config: StoreConfig, reading?: { readonly busyTimeout: number }) => {
		const { store, notice } = await openConfiguredStore(config, nowhere, reading);
		opened.push(store);
		if (notice) say(notice);
		return store.copying;
	};
	const line = progressLine();
	try {
		const from = await open(source);
		const to = trial
			? (await tablesIn(target)) && (await open(target, { busyTimeout: 5000 }))
			: await open(target);
		return await moveStore({
			from,
			to: to || undefined,
			trial,
			signal,
			progress: (pass, done, total) =>
				line.show(`${pass === 1 ? "" : `Pass ${pass}: `}${done} of ${counted(total)}, deleted ones included`),
		});
	} finally {
		line.clear();
		for (const store of opened) await store.close();
	}
}

/** The place that is named, and how to configure it, without a password. */
async function targetOf(launch: Launch, given: string) {
	const to = await databaseUrlFrom(given);
	const address = readDatabaseUrl(to);
	if (typeof address === "string") {
		if (/^[a-z][a-z+]*:\/\//i.test(to))
			throw new InputError(commandLine, `--to takes a folder, or ${address}.`);
		const folder = resolve(to);
		const target: StoreConfig = { memoryDir: folder };
		return {
			target,
			words: `take DATABASE_URL out of the configuration and set MEMORY_DIR=${folder} (in VS Code: the settings mcpMem0.database.url and mcpMem0.storage.directory).`,
			set: { MEMORY_DIR: folder, DATABASE_URL: null },
		};
	}
	const url = withoutPassword(to);
	const secret = address.password === undefined ? "" : ", with its password,";
	return {
		target: databaseAt(to, "to", launch) satisfies StoreConfig,
		words: `set DATABASE_URL=${url}${secret} where the variables of servers and clients are (in VS Code: the setting mcpMem0.database.url, which keeps the password in the secret storage).`,
		set: { DATABASE_URL: url },
	};
}

/** Percent-encoded as it was given. */
function withoutPassword(url: string): string {
	return url.replace(/^([a-z+]+:\/\/[^/?#:@]*):[^/?#]*@/i, "$1@");
}

function tell(
	{ rows, memories, users, isComplete, kept }: Moved,
	from: string,
	to: string,
	trial: boolean,
): void {
	const added = rowKinds.reduce((sum, kind) => sum + rows[kind].added, 0);
	const updated = rowKinds.reduce((sum, kind) => sum + rows[kind].updated, 0);
	for (const kind of rowKinds) {
		const { read, added, updated } = rows[kind];
		if (read > 0)
			say(
				`  ${names[kind](read)}: ${trial ? "would add" : "added"} ${added}, ${trial ? "update" : "updated"} ${updated}`,
			);
	}
	const deleted = rows.memories.read - memories;
	const all = `${counted(memories)} of ${plural(users, "# user", "# users")}${deleted > 0 ? ` and ${deleted} deleted ones that can be restored` : ""}`;
	if (rows.memories.kept > 0)
		say(
			`${counted(rows.memories.kept)} differ in ${to}, changed there since, and stay as they are there: ${kept.join(", ")}${rows.memories.kept > kept.length ? " and others" : ""}.`,
		);
	if (trial) say(`Would copy ${all} from ${from} to ${to}. Nothing was written.`);
	else if (!isComplete)
		say(
			`Not all is copied yet: it was cancelled, or others went on saving in ${from} all the time. What is copied stays; run it again to go on.`,
		);
	else if (added + updated === 0) say(`Compared ${all}: ${to} has everything already.`);
	else say(`Copied and compared ${all}: ${to} has everything that ${from} has.`);
}

const names = {
	memories: (n: number) =>
		plural(n, "# memory with history and vectors", "# memories with history and vectors"),
	spaceUses: (n: number) => plural(n, "# use of an embedding model", "# uses of embedding models"),
	saves: (n: number) => plural(n, "# saved text", "# saved texts"),
	candidates: (n: number) => plural(n, "# proposal of the review queue", "# proposals of the review queue"),
	keptVectors: (n: number) => plural(n, "# kept vector", "# kept vectors"),
	clients: (n: number) => plural(n, "# client", "# clients"),
	uses: (n: number) => plural(n, "# entry of the log of use", "# entries of the log of use"),
	traffic: (n: number) => plural(n, "# day and host of requests", "# days and hosts of requests"),
	users: (n: number) => plural(n, "# person with a token", "# people with tokens"),
} as const;
