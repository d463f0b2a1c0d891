import { multilingualModels } from "../../../config/modelNames.ts";
import { listsModels } from "../../../endpoints/openai/modelList.ts";
import { heldBackWords } from "../../../memory/heldBack.ts";
import { counted, plural } from "../../../text/wording.ts";
import {
	type Check,
	type CheckResult,
	explainedAbove,
	failure,
	ok,
	skipped,
	warning,
} from "../../findings.ts";
import { advice, moreTime } from "../../fixes.ts";
import type { Fix } from "../../report.ts";
import { openDirectory, type StorageTarget } from "./storageTarget.ts";

export const database: Check<StorageTarget> = {
	stage: "database",
	title: "Memory database",
	run: async ({ file, hasDatabase, inspect }) => {
		if (!hasDatabase) return ok("There is no database yet; the first save creates it.");
		const { problem, memories, schema } = await inspect();
		switch (problem?.kind) {
			case undefined:
				return ok(`${counted(memories)}, schema ${schema}; SQLite finds no damage.`);
			case "newer-schema":
				return failure(
					`${file} has schema ${schema}, which is newer than this version of MCP Mem0 knows.`,
					"A newer version has used it.",
					[advice("Update MCP Mem0 here"), openDirectory],
				);
			case "damaged":
				return failure(
					`${file} is damaged: ${problem.said}.`,
					"The disk failed, or the file was copied or changed while in use.",
					[
						advice(
							"Restart: the file is set aside, not deleted, and what is readable is copied to a new one",
						),
					],
				);
			case "not-in-time":
				return warning(
					"The database could not be read in the time that a check may take.",
					"It is large, the disk is slow, or another program holds it.",
					[moreTime],
				);
			default:
				return failure(
					`${file} cannot be opened: ${problem?.said}.`,
					"Its permissions forbid it, or it is not an SQLite database.",
					[openDirectory],
				);
		}
	},
};

/** What earlier versions have set aside may still hold memories. */
export const setAside: Check<StorageTarget> = {
	stage: "set-aside",
	title: "Damaged files",
	applies: ({ damagedFiles }) => damagedFiles.length > 0,
	run: async ({ damagedFiles: files }) =>
		warning(
			`${plural(files.length, "A damaged database was", "# damaged databases were")} set aside, and nothing was copied from ${plural(files.length, "it", "them")} yet: ${files.join(", ")}.`,
			"An earlier version only set damaged files aside; much of them may be readable.",
			[{ kind: "rescue", label: "Copy what is readable into the memory", files }],
		),
};

export const processes: Check<StorageTarget> = {
	stage: "processes",
	title: "Other programs",
	applies: ({ hasDatabase }) => hasDatabase,
	run: async ({ inspect }) => {
		const { problem, locked, processes: others } = await inspect();
		if (problem) return explainedAbove;
		if (locked)
			return warning(
				"Another program holds the database's write lock.",
				"A long write, a backup, or a program that hangs. Saves wait for it, and fail after some seconds.",
				[advice("Close the program that has the database open")],
			);
		if (others.length === 0) return ok("No other program has written in the last day.");
		return ok(`Also used by ${plural(others.length, "process", "processes")} ${others.join(", ")}.`);
	},
};

export const waitingSaves: Check<StorageTarget> = {
	stage: "waiting",
	title: "Waiting saves",
	applies: ({ hasDatabase }) => hasDatabase,
	run: async ({ inspect }) => {
		const { problem, heldBack } = await inspect();
		if (problem) return explainedAbove;
		const saves = heldBack.reduce((sum, each) => sum + each.saves, 0);
		const words = heldBackWords(
			saves,
			heldBack.map(({ origin }) => origin),
		);
		return words
			? warning(words.state, words.effect, [advice(words.remedy)])
			: ok("No save waits for another host.");
	},
};

export const vectorSpace: Check<StorageTarget> = {
	stage: "vectors",
	title: "Vectors of the current model",
	applies: ({ hasDatabase }) => hasDatabase,
	run: async ({ space, inspect, chat }) => {
		const { problem, outside, withoutVector } = await inspect();
		if (problem) return explainedAbove;
		const model = space?.model ?? "the embedding model";
		const reembed = (label: string) => ({ kind: "reembed", label }) as const;
		if (withoutVector > 0)
			return warning(
				`${counted(withoutVector)} ${plural(withoutVector, "has", "have")} no vector yet${outside === 0 ? "" : `, and ${plural(outside, "# has", "# have")} that of another model`}.`,
				plural(
					withoutVector,
					"The embedding model was away when it was saved, or fails on its text. It is found by its words only.",
					"The embedding model was away when they were saved, or fails on their texts. They are found by their words only.",
				),
				[reembed(`Embed them with ${model}, which gets their texts; this tells why it fails, if it does`)],
			);
		if (outside > 0)
			return warning(
				`${plural(outside, "# memory was", "# memories were")} embedded by another model, or with other prefixes.`,
				`Such vectors cannot be compared with new ones: ${plural(outside, "this memory is found by its", "these memories are found by their")} words only.`,
				[reembed(`Re-embed them with ${model}, which gets their texts`)],
			);
		if (!space) return skipped("Not checked: the embedding model made no vector.");
		const seen = `Vectors are those of ${space.model}, ${space.dimensions} numbers each.`;
		return space.provider === "builtin" ? readsEnglish(seen, chat) : ok(seen);
	},
};

/** The most models offered. */
const mostOffered = 3;

/** What the user's own endpoint has that reads more. */
function readsEnglish(seen: string, chat: StorageTarget["chat"]): CheckResult {
	const listed = chat && listsModels(chat.endpoint) ? (chat.models ?? []) : [];
	const offered = multilingualModels(listed.map(({ id }) => id)).slice(0, mostOffered);
	const choice =
		offered.length > 0
			? `choose a multilingual embedding model. Your endpoint lists ${offered.join(", ")}`
			: "choose a multilingual embedding model, such as bge-m3, on an endpoint of your own";
	const remark = `The built-in model reads English. Memories in other languages are found by their words; to find them by meaning too, ${choice}.`;
	return { ...ok(`${seen} ${remark}`), fixes: chat ? offered.map((model) => embedWith(model, chat)) : [] };
}

function embedWith(model: string, { endpoint, servers }: NonNullable<StorageTarget["chat"]>): Fix {
	return {
		kind: "set",
		label: `Embed with ${model}, which gets the texts of memories`,
		changes: [
			{ variable: "EMBEDDING_PROVIDER", value: endpoint.provider },
			{ variable: "EMBEDDING_BASE_URL", value: servers.join(", ") },
			{ variable: "EMBEDDING_MODEL_CHOICE", value: model },
		],
	};
}
