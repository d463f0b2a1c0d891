import { addUser, revokeUser } from "../memory/access/accounts.ts";
import { privateMemoriesOf } from "../memory/access/administration.ts";
import { checkedUserName } from "../memory/access/userName.ts";
import { withStore } from "../memory/access/userStore.ts";
import { InputError } from "../memory/errors.ts";
import type { MemoryStore } from "../store/memoryStore.ts";
import { ageOf, counted } from "../text/wording.ts";
import { answerTo } from "./answer.ts";
import { type Command, commandLine, type Flags } from "./command.ts";
import { configuredHere, type Launch } from "./context.ts";
import { writeExport } from "./export.ts";
import { iso } from "./memoryOutput.ts";
import { print, printJson, say } from "./terminal.ts";

type Action = (launch: Launch, operands: readonly string[], flags: Flags) => Promise<number>;

/** How many operands each takes after its own name. */
const actions: Readonly<Record<string, { readonly takes: number; readonly run: Action }>> = {
	add: { takes: 1, run: add },
	list: { takes: 0, run: list },
	revoke: { takes: 1, run: revoke },
	export: { takes: 2, run: exportOf },
	erase: { takes: 1, run: erase },
};

const usage =
	"user takes: add NAME [--admin] [--new-token], list [--json], revoke NAME, export NAME FILE, erase NAME [--yes]";

export const user: Command = {
	name: "user",
	summary:
		"who may use the HTTP server: add NAME (prints a token, once), list, revoke NAME; what a departed person leaves: export NAME FILE, erase NAME",
	operands: { label: "add|list|revoke|export|erase [NAME] [FILE]", most: 3, missing: `${usage}.` },
	flags: [
		{ name: "admin", summary: "add: they also see the metrics, and change what others have shared" },
		{ name: "new-token", summary: "add: for somebody who has or had a token; the old one ends" },
		{ name: "format", value: "FORMAT", summary: "export: as in mcp-mem0 export" },
		{ name: "force", summary: "export: replace a file that is there" },
		{ name: "yes", summary: "erase without asking" },
		{ name: "json", summary: "list: as JSON" },
	],
	run: async (launch, [name = "", ...operands], flags) => {
		const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
		if (!action || operands.length !== action.takes) throw new InputError(commandLine, `${usage}.`);
		return action.run(launch, operands, flags);
	},
};

function withUsers<T>(launch: Launch, work: (store: MemoryStore) => Promise<T>): Promise<T> {
	return withStore(configuredHere(launch).config, work);
}

async function add(launch: Launch, [given = ""]: readonly string[], flags: Flags): Promise<number> {
	const admin = flags.admin === true;
	const { name, token } = await withUsers(launch, ({ users }) =>
		addUser(users, given, { admin, renew: flags["new-token"] === true }),
	);
	say(
		`This is the token of ${name}${admin ? ", an administrator" : ""}. It is shown this once; only its hash is kept. They enter it in VS Code (Mem0: Open Settings, Team) or set TEAM_SERVER_TOKEN to it; other clients send it as «Authorization: Bearer TOKEN».`,
	);
	print(token);
	return 0;
}

async function list(launch: Launch, _: readonly string[], { json }: Flags): Promise<number> {
	const users = (await withUsers(launch, (store) => store.users.list())).map(
		({ tokenHash: _, ...shown }) => shown,
	);
	if (json) {
		const time = (at: number | undefined) => (at === undefined ? undefined : iso(at));
		printJson({
			users: users.map(({ createdAt, lastUsed, revokedAt, ...rest }) => ({
				...rest,
				createdAt: iso(createdAt),
				lastUsed: time(lastUsed),
				revokedAt: time(revokedAt),
			})),
		});
		return 0;
	}
	for (const { name, admin, createdAt, lastUsed, revokedAt } of users) {
		const state =
			revokedAt === undefined
				? `${admin ? "admin, " : ""}added ${ageOf(createdAt)}`
				: `revoked ${ageOf(revokedAt)}`;
		print(
			`${name.padEnd(24)} ${state}, ${lastUsed === undefined ? "never used" : `last used ${ageOf(lastUsed)}`}`,
		);
	}
	if (users.length === 0) say("There are no users. To add one: mcp-mem0 user add NAME");
	return 0;
}

async function revoke(launch: Launch, [given = ""]: readonly string[]): Promise<number> {
	const { config } = configuredHere(launch);
	const name = await withStore(config, ({ users }) => revokeUser(users, given, config.oauth !== undefined));
	say(
		`${name} is revoked; servers that run notice within seconds. Their memories stay: mcp-mem0 user export ${name} FILE, mcp-mem0 user erase ${name}`,
	);
	return 0;
}

function exportOf(launch: Launch, [given = "", file = ""]: readonly string[], flags: Flags): Promise<number> {
	const name = checkedUserName(given);
	return withUsers(launch, async (store) => {
		const known = (await store.users.list()).some((each) => each.name === name);
		if (!known && (await store.memories.counts(name)).all === 0) return unknown(name);
		return writeExport({ all: () => privateMemoriesOf(store, name) }, file, flags);
	});
}

function unknown(name: string): number {
	say(`There is no user ${name}, and no memory of theirs.`);
	return 1;
}

async function erase(launch: Launch, [given = ""]: readonly string[], { yes }: Flags): Promise<number> {
	const name = checkedUserName(given);
	const { config } = configuredHere(launch);
	return withStore(config, async (store) => {
		const known = (await store.users.list()).find((each) => each.name === name);
		if (known && known.revokedAt === undefined) {
			say(`${name} still has a valid token. First: mcp-mem0 user revoke ${name}`);
			return 1;
		}
		const { all } = await store.memories.counts(name);
		const what = `the private memories of ${name}`;
		if (!known && all === 0) return unknown(name);
		if (!yes) {
			if (!process.stdin.isTTY) {
				say(`This would erase ${what} for good. To do so without being asked: --yes`);
				return 1;
			}
			const answer = await answerTo(`Erase ${what} for good? Nothing brings them back. [y/N] `);
			if (answer !== "yes") {
				say("Nothing was erased.");
				return 1;
			}
		}
		const erased = await store.memories.eraseUser(name);
		const shared = (await store.memories.counts(name)).all;
		// Whoever got the name would be the author of what is shared; and the identity provider's tokens end later.
		if (shared === 0 && config.oauth === undefined) await store.users.remove(name);
		say(
			`Erased ${counted(erased)} of ${name}${shared > 0 ? `; what they shared stays (${counted(shared)})` : ""}. Backups that were made before still have them.`,
		);
		return 0;
	});
}
