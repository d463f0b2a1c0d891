import type * as z from "zod";
import { InputError } from "../memory/errors.ts";
import type { ListRequest } from "../memory/requests.ts";
import type { UserMemory } from "../memory/userMemory.ts";
import { isSendable, largest, maxTexts, pageLength } from "./bounds.ts";
import { piece } from "./pieces.ts";
import { type memorySchema, presented } from "./tools/schemas.ts";

type Presented = z.infer<typeof memorySchema>;

/** Changes of a memory that are shown: the last ones. */
const maxChanges = 20;

const longTexts = new Set(["text", "savedText", "oldText", "newText"]);
/** Characters of each text that an answer has room for, whatever else is in it. */
const leastPiece = 200;

export interface MemoryPage {
	readonly memories: Presented[];
	readonly total: number;
	readonly nextCursor?: string | undefined;
	readonly note?: string | undefined;
}

/**
 * A page of the list, with as many memories as fit into one answer.
 * @param nextCall how the next page is read, for the note on how many memories are left.
 */
export async function listPage(
	memory: UserMemory,
	request: ListRequest & { readonly cursor?: string | undefined },
	nextCall: (cursor: string) => string,
): Promise<MemoryPage> {
	// A cursor says where its page begins, and how many memories came before it.
	const [cursor, before = ""] = request.cursor?.split(".", 2) ?? [];
	const list = async (more: ListRequest) => {
		const page = await memory.list({ ...request, cursor, ...more });
		return { ...page, memories: page.memories.map(presented) };
	};
	let page = await list({});
	const fitting = pageLength(page.memories);
	if (fitting < page.memories.length) page = await list({ limit: fitting });
	const { memories, total, note } = page;
	const told = note === undefined ? {} : { note };
	if (page.nextCursor === undefined) return { memories, total, ...told };
	const shown = (/^\d{1,9}$/.test(before) ? Number(before) : 0) + memories.length;
	const nextCursor = `${page.nextCursor}.${shown}`;
	const left = Math.max(1, total - shown);
	const more = `${left} more: ${nextCall(nextCursor)}.`;
	return { memories, total, nextCursor, note: [note ?? [], more].flat().join(" ") };
}

/** One memory with a piece of its text that begins at the cursor. */
export async function wholeMemory(memory: UserMemory, id: string, cursor?: string): Promise<MemoryPage> {
	const page = { memories: [presented(await memory.get(id))], total: 1 };
	return pieces(page, cursor, (next) => `get_all_memories with ${JSON.stringify({ id, cursor: next })}`);
}

/** One memory with its history, and the text it was distilled from. */
export async function memoryDocument(memory: UserMemory, id: string, cursor?: string) {
	const known = await memory.get(id);
	const { origin, conversationId, supersededBy, uses, usedAt } = known;
	const shown = {
		...presented(known),
		origin,
		conversation: conversationId,
		supersededBy,
		uses,
		usedAt: usedAt === undefined ? undefined : new Date(usedAt).toISOString(),
	};
	const savedText = (await memory.savedText(id)) || undefined;
	const changes = await memory.history(id);
	const history = changes
		.slice(-maxChanges)
		.map(({ at, ...entry }) => ({ ...entry, at: new Date(at).toISOString() }));
	const earlierChanges = changes.length > maxChanges ? changes.length - maxChanges : undefined;
	const document = { ...shown, savedText, history, earlierChanges };
	return pieces(document, cursor, (next) => `memory://${shown.id}?cursor=${next}`);
}

/** What fits into one answer: of each long text the piece that begins at the cursor. */
function pieces<T extends object>(
	document: T,
	cursor: string | undefined,
	nextCall: (cursor: string) => string,
) {
	const from = placeOf(cursor);
	let longest = 0;
	mapTexts(document, true, (text) => {
		longest = Math.max(longest, text.length);
		return text;
	});
	const upTo = (to: number, withMetadata: boolean) => {
		const isAll = from === 0 && to >= longest;
		const place = `Characters ${from} to ${Math.min(to, longest)} of ${longest}`;
		const notes = [
			isAll
				? ""
				: to < longest
					? `${place}. To read on: ${nextCall(String(to))}.`
					: `${place}, which is the end.`,
			withMetadata || from > 0 ? "" : "The metadata does not fit: «mcp-mem0 export» writes it to a file.",
		].filter(Boolean);
		return {
			...(mapTexts(document, withMetadata, (text) => piece(text, from, to)) as T),
			...(to < longest ? { nextCursor: String(to) } : {}),
			...(notes.length > 0 ? { note: notes.join(" ") } : {}),
		};
	};
	const withMetadata = from === 0 && isSendable(upTo(leastPiece, true));
	const length = largest(leastPiece, maxTexts, (n) => isSendable(upTo(from + n, withMetadata)));
	return upTo(from + length, withMetadata);
}

function mapTexts(value: unknown, withMetadata: boolean, map: (text: string) => string): unknown {
	if (Array.isArray(value)) return value.map((each) => mapTexts(each, withMetadata, map));
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
			if (name === "metadata") return withMetadata ? [[name, field]] : [];
			const isText = longTexts.has(name) && typeof field === "string";
			return [[name, isText ? map(field) : mapTexts(field, withMetadata, map)]];
		}),
	);
}

function placeOf(cursor = "0"): number {
	if (/^\d{1,9}$/.test(cursor)) return Number(cursor);
	throw new InputError("cursor", "The cursor is not valid. Leave it out to read from the beginning.");
}
