import { InputError } from "../memory/errors.ts";
import { importDatabase } from "../memory/transfer/importDatabase.ts";
import { ImportReport } from "../memory/transfer/importReport.ts";
import type { ForeignServer, ForeignTable } from "../store/foreignServer.ts";
import { openForeignMemories } from "../store/stores.ts";
import { oneLine } from "../text/inert.ts";
import { counted, plural } from "../text/wording.ts";
import { commandLine, type Flag, type Flags } from "./command.ts";
import { configuredHere, interruptible, type Launch, withMemory } from "./context.ts";
import { databaseAt, databaseUrlFrom } from "./databaseUrl.ts";
import { print, printJson, progressLine, say } from "./terminal.ts";

export const databaseFlags: readonly Flag[] = [
	{
		name: "from-database",
		value: "URL",
		summary:
			"memories that other mem0 installations left in PostgreSQL, which is only read; - reads the URL from stdin",
	},
	{
		name: "user",
		value: "THEIRS=OURS,…",
		summary:
			"whose memories to take from there, and whose they become (you); *=OURS for all others; without it, lists them",
	},
	{
		name: "vectors",
		summary:
			"the configured embedding model made the vectors there: use them, if some texts embedded again agree",
	},
];

/** Lists what is there; with `--user`, takes it in. */
export async function importFromDatabase(
	launch: Launch,
	given: string,
	flags: Flags,
	into: "add" | "preview" | "review",
): Promise<number> {
	const context = configuredHere(launch);
	const { database } = databaseAt(await databaseUrlFrom(given), "from-database", launch);
	const server = await openForeignMemories(database);
	try {
		// Only there is the list the result.
		for (const line of listing(server)) (flags.json ? say : print)(line);
		if (typeof flags.user !== "string") {
			const [first] = server.tables.flatMap(({ users }) => users);
			const theirs = first ? encoded(first.userId) : "THEIRS";
			say(
				first
					? `Nothing was imported. Say whose memories to take: --user '${theirs}=${context.config.userId}', or --user '*=${context.config.userId}' for all; with --dry-run, only to see what would be imported.`
					: "There are no memories of mem0 in this database that this user may read.",
			);
			if (flags.json) printJson({ tables: server.tables.map(tableSummary) });
			return first ? 0 : 1;
		}
		const wanted = usersOf(flags.user, server, context.config.userId);
		return await interruptible(async (signal) => {
			const progress = progressLine();
			const tell = (text: string) => {
				progress.clear();
				say(text);
			};
			let isClean = true;
			const imports: object[] = [];
			for (const [ours, userIds] of wanted) {
				if (signal.aborted) break;
				if (wanted.size > 1) tell(`To ${oneLine(ours, 100)}:`);
				const report = new ImportReport(tell, into, "row");
				await withMemory(
					context,
					(memory) =>
						importDatabase({
							memory,
							server,
							userIds,
							report,
							into,
							withVectors: flags.vectors === true,
							say: tell,
							signal,
							progress: () => progress.show(counted(report.taken)),
						}),
					ours,
				);
				report.finish();
				imports.push({ user: ours, ...report.summary() });
				isClean = isClean && report.isClean;
			}
			if (signal.aborted) tell("Cancelled. Run it again to go on.");
			if (flags.json) printJson({ imports, cancelled: signal.aborted });
			return isClean && !signal.aborted ? 0 : 1;
		});
	} finally {
		await server.close();
	}
}

function tableSummary({ name, layout, dimensions, users }: ForeignTable) {
	return { name, layout, ...(dimensions ? { dimensions } : {}), users };
}

function listing({ tables }: ForeignServer): readonly string[] {
	return tables.flatMap((table) => {
		const lines = table.users.map(
			({ userId, memories }) => `  ${encoded(userId) || "(no user id)"}  ${counted(memories)}`,
		);
		const remarks = remarksOf(table);
		return lines.length + remarks.length === 0
			? []
			: [
					`${oneLine(table.name, 200)}  (${table.layout}${table.dimensions ? `, ${table.dimensions} dimensions` : ""})`,
					...lines,
					...remarks,
				];
	});
}

function remarksOf({ users, others, isReadable, hasOwnTypes, hidesRows }: ForeignTable): readonly string[] {
	return [
		...(hasOwnTypes
			? ["  It is not read: a column has a type of its own, whose functions would run as this user."]
			: []),
		...(isReadable || hasOwnTypes
			? []
			: ["  This user may not read it. Name one who may, or grant SELECT on it."]),
		...(hidesRows && isReadable
			? ["  Row-level security is on: rows that this user may not see are not counted and not imported."]
			: []),
		...(others > 0 && users.length > 0
			? [`  ${plural(others, "# row without a text", "# rows without a text")}, no memory`]
			: []),
	];
}

/** Commas and equals signs in a user id stand as in URLs. */
function encoded(userId: string): string {
	return oneLine(userId.replace(/[%,=*\s]/gu, encodeURIComponent).replaceAll("*", "%2A"), 200);
}

/** The user ids there, by the user id here that gets their memories. */
function usersOf(
	given: string,
	{ tables }: ForeignServer,
	own: string,
): ReadonlyMap<string, readonly string[]> {
	const there = new Set(tables.flatMap(({ users }) => users.map(({ userId }) => userId)));
	const wanted = new Map<string, string>();
	let others: string | undefined;
	for (const part of given.split(",")) {
		const [theirs = "", ours = ""] = part.split("=", 2).map(decoded);
		if (part.startsWith("*")) others = ours || own;
		else if (!there.has(theirs))
			throw new InputError(
				commandLine,
				`--user: nobody is called ${JSON.stringify(theirs)} there. The list above has the user ids as --user takes them.`,
			);
		else wanted.set(theirs, ours || own);
	}
	if (others !== undefined) for (const each of there) if (!wanted.has(each)) wanted.set(each, others);
	const byOurs = Map.groupBy(wanted, ([, ours]) => ours);
	return new Map([...byOurs].map(([ours, pairs]) => [ours, pairs.map(([theirs]) => theirs)]));
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text.trim());
	} catch {
		return text.trim();
	}
}
