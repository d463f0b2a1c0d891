import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Config } from "../../config/config.ts";
import { type Inspection, inspectConfiguredStore } from "../../store/stores.ts";
import { counted } from "../../text/wording.ts";
import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { CheckResult, Findings } from "../findings.ts";
import type { Fix } from "../report.ts";

/** Bytes below which the next saves may fail. */
const scarce = 200 * 1024 * 1024;
const hardlyAny = 10 * 1024 * 1024;

const openDirectory: Fix = {
	kind: "open-setting",
	label: "Choose another folder in MEMORY_DIR",
	variable: "MEMORY_DIR",
};

/**
 * The folder, its space, and the database in it: schema, integrity, who else has it open.
 * @param space of the embedding model in use; undefined where its vectors were not measured.
 */
export async function checkStorage(
	{ memoryDir }: Pick<Config, "memoryDir">,
	findings: Findings,
	options: { readonly deadline: number; readonly signal: AbortSignal },
	space: EmbeddingSpace | undefined,
): Promise<void> {
	const folder = await folderProblem(memoryDir);
	findings.add("storage", "folder", "Memory folder can be written", {
		status: folder ? "failed" : "ok",
		seen: folder ?? `${memoryDir} can be written.`,
		...(folder
			? {
					cause: "Its rights, or those of the folder it is in, do not allow it, or it is no folder.",
					fixes: [
						{
							kind: "set",
							label: "Use the default folder",
							changes: [{ variable: "MEMORY_DIR", value: undefined }],
						},
						openDirectory,
					],
				}
			: {}),
	});
	if (folder) return skip(findings, ["space", "database", "processes"]);

	findings.add("storage", "space", "There is room on the disk", await spaceDraft(memoryDir));

	const { location: file, inspection } = await inspectConfiguredStore({ memoryDir }, { ...options, space });
	if (!inspection) {
		const none = "There is no database yet; the first save makes it.";
		findings.add("storage", "database", "Memory database is sound", { status: "ok", seen: none });
		return;
	}
	findings.add("storage", "database", "Memory database is sound", databaseDraft(inspection, file));
	if (inspection.problem) return skip(findings, ["processes"]);
	findings.add("storage", "processes", "Other programs share the memory", {
		status: inspection.locked ? "warning" : "ok",
		seen: inspection.locked
			? "Another program holds the database's write lock."
			: inspection.processes.length === 0
				? "No other program has written in the last day."
				: `Also used by ${inspection.processes.length === 1 ? "process" : "processes"} ${inspection.processes.join(", ")}.`,
		...(inspection.locked
			? {
					cause:
						"A long write, a backup, or a program that hangs. Saves wait for it, and fail after some seconds.",
					fixes: [{ kind: "advice", label: "Close the program that has the database open" }],
				}
			: {}),
	});
	if (space)
		findings.add(
			"storage",
			"vectors",
			"Memories are embedded by the current model",
			spaceOfVectors(inspection, space),
		);
}

function skip(findings: Findings, names: readonly ("space" | "database" | "processes")[]): void {
	const titles = {
		space: "There is room on the disk",
		database: "Memory database is sound",
		processes: "Other programs share the memory",
	};
	for (const name of names)
		findings.add("storage", name, titles[name], {
			status: "skipped",
			seen: "Not checked: an earlier finding explains it.",
		});
}

/** Why the folder cannot be used. Where it does not exist yet, the first save makes it: the one it is in counts. */
async function folderProblem(memoryDir: string): Promise<string | undefined> {
	for (let folder = memoryDir; ; folder = dirname(folder)) {
		try {
			if (!(await stat(folder)).isDirectory()) return `${folder} is no folder.`;
			await access(folder, constants.W_OK | constants.R_OK | constants.X_OK);
			return undefined;
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
			const missing = code === "ENOENT" && dirname(folder) !== folder;
			if (!missing && code !== "ENOTDIR") return `${folder} cannot be written (${code}).`;
		}
	}
}

async function spaceDraft(memoryDir: string): Promise<CheckResult> {
	let folder = memoryDir;
	while (!(await stat(folder).catch(() => undefined)) && dirname(folder) !== folder) folder = dirname(folder);
	const room = await statfs(folder).catch(() => undefined);
	if (!room) return { status: "skipped", seen: "The system does not tell how much room there is." };
	const free = room.bavail * room.bsize;
	const megabytes = Math.round(free / 1024 / 1024);
	const seen =
		megabytes > 10_000
			? `${Math.round(megabytes / 1024)} GB are free.`
			: `${megabytes.toLocaleString("en")} MB are free.`;
	if (free >= scarce) return { status: "ok", seen };
	return {
		status: free < hardlyAny ? "failed" : "warning",
		seen,
		cause: "When the disk is full, saves fail.",
		fixes: [{ kind: "advice", label: "Free some space" }, openDirectory],
	};
}

function databaseDraft({ problem, memories, schema }: Inspection, file: string): CheckResult {
	const advice = (label: string): Fix => ({ kind: "advice", label });
	if (!problem)
		return {
			status: "ok",
			seen: `${counted(memories)}, schema ${schema}; SQLite finds no damage.`,
		};
	switch (problem.kind) {
		case "newer-schema":
			return {
				status: "failed",
				seen: `${file} has schema ${schema}, which is newer than this version of MCP Mem0 knows.`,
				cause: "A newer version has been used on it.",
				fixes: [advice("Update MCP Mem0 here"), openDirectory],
			};
		case "damaged":
			return {
				status: "failed",
				seen: `${file} is damaged: ${problem.said}.`,
				cause: "The disk failed, or the file was copied or changed while it was in use.",
				fixes: [
					advice("Restart: the file is set aside, never deleted, and a new one is begun"),
					advice(`To rescue what is in it: sqlite3 "${file}" .recover`),
				],
			};
		case "not-in-time":
			return {
				status: "warning",
				seen: "The database could not be read through in the time of a check.",
				cause: "It is large, the disk is slow, or another program holds it.",
				fixes: [
					{
						kind: "open-setting",
						label: "Allow more time for a check",
						variable: "DIAGNOSTICS_TIMEOUT",
					},
				],
			};
		default:
			return {
				status: "failed",
				seen: `${file} cannot be opened: ${problem.said}.`,
				cause: "Its rights do not allow it, or it is no SQLite database.",
				fixes: [openDirectory],
			};
	}
}

function spaceOfVectors({ outside }: Inspection, space: EmbeddingSpace): CheckResult {
	if (outside === 0)
		return { status: "ok", seen: `Vectors are those of ${space.model}, ${space.dimensions} numbers each.` };
	return {
		status: "warning",
		seen: `${outside === 1 ? "1 memory was" : `${outside} memories were`} embedded by another model.`,
		cause: "Vectors of different models are not compared: these memories are found by their words only.",
		fixes: [{ kind: "reembed", label: `Re-embed them with ${space.model}, which gets their texts` }],
	};
}
