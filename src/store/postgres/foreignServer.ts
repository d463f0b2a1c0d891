import type { ForeignMemory, ForeignServer, ForeignTable } from "../foreignServer.ts";
import type { Connection, Driver } from "./driver.ts";
import { isConnectionLost, storeError } from "./errors.ts";
import { connectDriver } from "./nodePostgres.ts";
import { preferringTls } from "./preferringTls.ts";
import { locationOf, type PostgresSettings } from "./settings.ts";
import { fromVectorText, quoted } from "./sql.ts";

const pageSize = 200;
/** Characters of what is read of a row: several times what a memory may have. */
const longest = 200_000;

/** The names of the columns, as each program makes them. */
const layouts = [
	{ layout: "vecs (mcp-mem0 in Python, Supabase)", vector: "vec", payload: "metadata" },
	{ layout: "mem0's pgvector", vector: "vector", payload: "payload" },
	{ layout: "mem0's Supabase", vector: "embedding", payload: "metadata" },
] as const;

/** Tables of mem0 that hold no memories. */
const bookkeeping = /^mem0_?migrations$|_entities$/i;

interface Column {
	readonly name: string;
	/** As the server writes it, with quotes where it needs any. */
	readonly type: string;
	readonly mod: number;
	/** Of the server or pgvector. A type of somebody else runs that person's functions when it is read or compared. */
	readonly isKnown: boolean;
}

interface FoundTable {
	readonly schema: string;
	readonly name: string;
	readonly isReadable: boolean;
	readonly hidesRows: boolean;
	readonly columns: readonly Column[];
}

/** How to read a table. */
interface Source {
	readonly from: string;
	readonly idType: string;
	readonly payload: string;
	readonly vector: string;
	readonly times: readonly string[];
	/** Whether the columns that are read have types that are known. */
	readonly isKnown: boolean;
}

/** @throws StoreError */
export function openForeignServer(settings: PostgresSettings): Promise<ForeignServer> {
	return preferringTls(settings, async (tried) => {
		const location = locationOf(tried).replace(/, schema .*\)$/, ")");
		return openForeignServerOn(await connectDriver({ ...tried, poolSize: 1 }), location);
	});
}

/** On a driver, which closes with it: one transaction, which cannot write. @throws StoreError */
export async function openForeignServerOn(driver: Driver, location: string): Promise<ForeignServer> {
	let connection: Connection | undefined;
	const wrapped = async <T>(work: () => Promise<T>): Promise<T> => {
		try {
			return await work();
		} catch (error) {
			throw storeError(error, location);
		}
	};
	const close = async () => {
		await connection?.script("ROLLBACK").catch(() => undefined);
		connection?.release(false);
		connection = undefined;
		await driver.close();
	};
	try {
		return await wrapped(async () => {
			const reading = await driver.connectAlone();
			connection = reading;
			// With this path, names and operators are the server's own.
			await reading.script(
				"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0",
			);
			const sources = new Map<ForeignTable, Source>();
			for (const found of await findTables(reading)) {
				const source = sourceOf(found);
				if (source) sources.set(await describeIfReadable(reading, found, source), source);
			}
			return {
				location,
				tables: [...sources.keys()],
				async *pages(table, userIds, withVectors) {
					const source = sources.get(table);
					if (!source || !table.isReadable) return;
					let after: string | null = null;
					for (;;) {
						const from: string | null = after;
						const page: readonly ForeignMemory[] = await wrapped(() =>
							readPage(reading, source, userIds, withVectors, from),
						);
						if (page.length > 0) yield page;
						if (page.length < pageSize) return;
						after = page.at(-1)?.id ?? null;
					}
				},
				close,
			};
		});
	} catch (error) {
		await close();
		throw error;
	}
}

async function findTables(connection: Connection): Promise<readonly FoundTable[]> {
	const rows = await connection.query(
		`SELECT n.nspname AS schema, c.relname AS name, row_security_active(c.oid) AS "hidesRows",
			has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS "isReadable",
			json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL), 'mod', a.atttypmod,
				'isKnown', a.atttypid IN (
					SELECT t.oid FROM pg_type t WHERE t.typnamespace = 'pg_catalog'::regnamespace
					UNION ALL SELECT d.objid FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
						WHERE d.classid = 'pg_type'::regclass AND d.deptype = 'e' AND e.extname = 'vector'
				))) AS columns
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
		GROUP BY c.oid, n.oid, n.nspname, c.relname ORDER BY n.nspname, c.relname`,
		[],
	);
	return rows as unknown as readonly FoundTable[];
}

function layoutOf({ columns }: FoundTable) {
	const typeOf = (name: string) => columns.find((column) => column.name === name)?.type ?? "";
	return layouts.find(
		({ vector, payload }) => typeOf(payload) === "jsonb" && /(^|\.)"?vector"?$/.test(typeOf(vector)),
	);
}

/** Undefined for a table of something else. */
function sourceOf(found: FoundTable): Source | undefined {
	const layout = layoutOf(found);
	const id = found.columns.find(({ name }) => name === "id");
	if (!layout || !id || bookkeeping.test(found.name)) return undefined;
	const times = ["created_at", "updated_at"].filter((name) =>
		found.columns.some((column) => column.name === name),
	);
	const read: readonly string[] = ["id", layout.vector, ...times];
	return {
		from: `${quoted(found.schema)}.${quoted(found.name)}`,
		idType: id.type,
		payload: `t.${layout.payload}`,
		vector: `t.${layout.vector}`,
		times,
		isKnown: found.columns.every(({ name, isKnown }) => isKnown || !read.includes(name)),
	};
}

/** mem0 writes it in snake case in Python, and in camel case in TypeScript. */
const userOf = (payload: string) => `coalesce(${payload} ->> 'user_id', ${payload} ->> 'userId', '')`;

const hasText = (payload: string) =>
	`jsonb_typeof(${payload} -> 'data') = 'string' AND btrim(${payload} ->> 'data', E' \\t\\r\\n') <> ''`;

/** A table whose policies or values fail is one that this user may not read: the others still are. */
async function describeIfReadable(
	connection: Connection,
	found: FoundTable,
	source: Source,
): Promise<ForeignTable> {
	await connection.script("SAVEPOINT look");
	try {
		return await describe(connection, found, source);
	} catch (error) {
		if (isConnectionLost(error)) throw error;
		await connection.script("ROLLBACK TO SAVEPOINT look");
		return describe(connection, { ...found, isReadable: false }, source);
	}
}

async function describe(connection: Connection, found: FoundTable, source: Source): Promise<ForeignTable> {
	const { schema, name, hidesRows } = found;
	const isReadable = found.isReadable && source.isKnown;
	const layout = layoutOf(found);
	const mod = found.columns.find((column) => column.name === layout?.vector)?.mod ?? -1;
	const rows = isReadable
		? await connection.query(
				`SELECT ${userOf(source.payload)} AS "userId",
				count(*) FILTER (WHERE ${hasText(source.payload)})::int AS memories, count(*)::int AS rows
				FROM ${source.from} t GROUP BY 1 ORDER BY 2 DESC, 1`,
				[],
			)
		: [];
	const users = rows as unknown as readonly { userId: string; memories: number; rows: number }[];
	return {
		name: `${schema}.${name}`,
		layout: layout?.layout ?? "",
		dimensions: mod > 0 ? mod : undefined,
		isReadable,
		hasOwnTypes: !source.isKnown,
		hidesRows,
		users: users.flatMap(({ userId, memories }) => (memories > 0 ? [{ userId, memories }] : [])),
		others: users.reduce((sum, each) => sum + each.rows - each.memories, 0),
	};
}

async function readPage(
	connection: Connection,
	{ from, idType, payload, vector, times }: Source,
	userIds: readonly string[],
	withVectors: boolean,
	after: string | null,
): Promise<readonly ForeignMemory[]> {
	const rows = await connection.query(
		`SELECT t.id::text AS id, ${userOf(payload)} AS "userId", length(${payload}::text) AS length,
			CASE WHEN length(${payload}::text) <= ${longest} THEN ${payload} END AS payload
			${times.map((name) => `, t.${name}::text AS ${name}`).join("")}
			${withVectors ? `, ${vector}::text AS vector` : ""}
		FROM ${from} t
		WHERE ($1::text IS NULL OR t.id > $1::text::${idType}) AND ${hasText(payload)}
			AND ${userOf(payload)} = ANY ($2::text[])
		ORDER BY t.id LIMIT ${pageSize}`,
		[after, userIds],
	);
	return rows.map(({ id, userId, length, payload, vector, created_at, updated_at }) => ({
		id: String(id),
		userId: String(userId),
		length: Number(length),
		payload: (payload ?? undefined) as ForeignMemory["payload"],
		...(typeof created_at === "string" ? { createdAt: created_at } : {}),
		...(typeof updated_at === "string" ? { updatedAt: updated_at } : {}),
		...(typeof vector === "string" ? { vector: fromVectorText(vector) } : {}),
	}));
}
