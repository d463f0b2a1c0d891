import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImportRequest } from "../../../src/memory/requests.ts";
import { CannotRun } from "../figure.ts";
import { locomoMemories, type RawConversation, type Variant } from "./locomo.ts";

/** One memory to be stored, and the ids that questions name it by. */
export interface Item {
	readonly request: ImportRequest & { readonly text: string };
	readonly ids: readonly string[];
}

export interface Query {
	readonly question: string;
	/** The ids that answer it; empty where nothing does. */
	readonly relevant: readonly string[];
}

/** What is stored together and asked together. */
export interface Collection {
	readonly items: readonly Item[];
	readonly queries: readonly Query[];
}

/** A data set: all that is fitted or averaged gives each the same weight. */
export interface QualitySet {
	readonly name: string;
	readonly collections: readonly Collection[];
	/** Recall as a share of all that is relevant, as LoCoMo has it; otherwise of at most k. */
	readonly wholeRecall: boolean;
}

interface RawSet {
	readonly memories: readonly {
		readonly id: string;
		readonly text: string;
		readonly createdAt?: string;
		readonly conversation?: string;
	}[];
	readonly queries: readonly Query[];
}

const standardFolder = "../shared/bench";
const files = ["dev_facts", "dev_amb", "dev_code", "longmemeval", "paraphrase", "xquad"];
const locomoFile = "locomo-dev";

/**
 * All sets of the folder that `BENCH_DATA` names. The data have licences of their own and are no part of the project.
 * @throws CannotRun where a file is absent.
 */
export function readSets(): readonly QualitySet[] {
	const locomo = read<readonly RawConversation[]>(locomoFile);
	const variants: readonly Variant[] = ["facts", "turns"];
	return [
		...files.map((name) => plainSet(name, read<RawSet>(name))),
		...variants.map((variant) => ({
			name: `locomo ${variant}`,
			collections: locomo.map((conversation) => locomoMemories(conversation, variant)),
			wholeRecall: true,
		})),
	];
}

function read<T>(name: string): T {
	const project = fileURLToPath(new URL("../../..", import.meta.url));
	const file = resolve(project, process.env.BENCH_DATA ?? standardFolder, `${name}.json`);
	if (!existsSync(file))
		throw new CannotRun(
			`${name}.json is not in ${standardFolder} beside the project; BENCH_DATA names another folder`,
		);
	return JSON.parse(readFileSync(file, "utf8")) as T;
}

function plainSet(name: string, { memories, queries }: RawSet): QualitySet {
	const items = memories.map(({ id, text, createdAt, conversation }) => ({
		request: { text, createdAt, conversationId: conversation },
		ids: [id],
	}));
	return { name, collections: [{ items, queries }], wholeRecall: false };
}
