import type { ForeignMemory, ForeignServer, ForeignTable } from "../../store/foreignServer.ts";
import { InputError } from "../errors.ts";
import type { MemoryService } from "../memoryService.ts";
import { checkedMemory, type ImportRequest } from "../requests.ts";
import { readForeign } from "./foreignRecord.ts";
import { Batch } from "./importBatch.ts";
import type { ImportReport } from "./importReport.ts";
import type { ImportOptions } from "./transfer.ts";

/** Texts that are embedded again, to see whether the vectors there are of the same model. */
const samples = 5;
/** Servers round numbers, and some batch them differently; another model is far below it. */
const agreement = 0.999;

export interface DatabaseImport {
	readonly memory: Pick<MemoryService, "transfer" | "backups" | "userId">;
	readonly server: ForeignServer;
	/** The user ids there whose memories become this user's. */
	readonly userIds: readonly string[];
	readonly report: ImportReport;
	readonly into: NonNullable<ImportOptions["into"]>;
	/** Whether somebody has confirmed that the configured model made the vectors there. */
	readonly withVectors: boolean;
	readonly say: (text: string) => void;
	readonly signal: AbortSignal;
	readonly progress: () => void;
}

/** Takes the memories of some user ids there into the memory of one user here. Run again, it adds what is missing. */
export async function importDatabase(importing: DatabaseImport): Promise<void> {
	const { memory, server, userIds, report, into, signal } = importing;
	if (into === "add" && !(await memory.transfer.isEmpty())) await memory.backups.before("import");
	const batch = new Batch(memory, report, { into });
	for (const table of server.tables) {
		if (!table.users.some(({ userId }) => userIds.includes(userId))) continue;
		report.file = table.name;
		report.files += 1;
		const takesVectors = importing.withVectors && into === "add" && (await vectorsAgree(importing, table));
		let row = 0;
		for await (const page of server.pages(table, userIds, takesVectors)) {
			if (signal.aborted) return;
			const vectors: { readonly text: string; readonly values: Float32Array }[] = [];
			for (const each of page) {
				row += 1;
				report.file = table.name;
				const request = requestOf(importing, each, row);
				if (!request) continue;
				const values = takesVectors ? ofLengthOne(each.vector) : undefined;
				if (values) vectors.push({ text: textOf(memory, request), values });
				batch.add(row, request);
			}
			// The embedder finds them there, and asks the model for the others.
			if (vectors.length > 0) await memory.transfer.keepVectors(vectors);
			await batch.take();
			importing.progress();
		}
	}
}

/** Undefined for what is skipped, and told. */
function requestOf(
	{ memory, report }: DatabaseImport,
	each: ForeignMemory,
	row: number,
): ImportRequest | undefined {
	try {
		const { requests, remarks } = readForeign(each);
		const [request] = requests;
		if (request) checkedMemory(memory.userId, request);
		for (const remark of remarks) report.remark(row, remark);
		return request;
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		report.skip(row, error.field, error.message);
		return undefined;
	}
}

function textOf({ userId }: Pick<MemoryService, "userId">, request: ImportRequest): string {
	return checkedMemory(userId, request).text;
}

/** Whether the configured model makes the vectors that are there, as far as a few texts show. */
async function vectorsAgree(importing: DatabaseImport, table: ForeignTable): Promise<boolean> {
	const { memory, server, userIds, say } = importing;
	const known = new Map<string, Float32Array>();
	for await (const page of server.pages(table, userIds, true)) {
		for (const each of page) {
			const values = ofLengthOne(each.vector);
			const data = each.payload?.data;
			if (values && typeof data === "string" && known.size < samples) known.set(data, values);
		}
		if (known.size >= samples) break;
	}
	const { made, problem } = await memory.transfer.embed([...known.keys()]);
	const cosines = [...known.values()].map((values, index) => cosine(values, made[index]));
	const lowest = Math.min(...cosines);
	const embedded = `${table.name}: its vectors are not used, and its texts are embedded`;
	if (known.size === 0) return false;
	if (problem !== undefined) say(`${embedded} when the model works: ${problem}`);
	else if (Number.isNaN(lowest))
		say(
			`${embedded}: they have ${[...known.values()][0]?.length} dimensions, those of the configured model others.`,
		);
	else if (lowest < agreement)
		say(`${embedded}: the configured model makes others of the same texts (cosine ${lowest.toFixed(3)}).`);
	else {
		say(`${table.name}: its vectors are used; ${known.size} texts embedded again agree.`);
		return true;
	}
	return false;
}

/** NaN for vectors that cannot be compared. */
function cosine(one: Float32Array, other: Float32Array | undefined): number {
	if (one.length !== other?.length) return Number.NaN;
	return one.reduce((sum, value, index) => sum + value * (other[index] as number), 0);
}

/** Undefined for what has no direction. */
function ofLengthOne(vector: Float32Array | undefined): Float32Array | undefined {
	const length = vector ? Math.hypot(...vector) : 0;
	return Number.isFinite(length) && length > 0 ? vector?.map((value) => value / length) : undefined;
}
