import type { Project } from "../../store/types.ts";
import type { Layout } from "./format.ts";
import { parseRecord } from "./jsonl.ts";
import type { Piece } from "./pieces.ts";
import { type ReadRecord, readRecord } from "./record.ts";

/** What begins an item of a list that somebody wrote. */
const bullet = /^\s*(?:[-*•–]|\d{1,4}[.)])\s+/;
/** Lists whose strings are memories; in others they may be anything. */
const listsOfTexts = new Set(["memories", "facts", "results", "items", "data"]);

/**
 * The memories of a piece that has a text.
 * @throws InputError that says what is wrong with it.
 */
export function readPiece(
	{ text = "", list }: Piece,
	layout: Layout,
	project: Project | undefined,
): ReadRecord {
	if (layout === "text") return readRecord(text.replace(bullet, ""), project);
	if (list !== undefined && text.startsWith('"') && !listsOfTexts.has(list))
		return { requests: [], remarks: [{ kind: "dropped", field: list }] };
	return parseRecord(text, project);
}
