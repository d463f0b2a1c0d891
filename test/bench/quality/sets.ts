import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
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
const locomoFile = "locomo-dev.json";
const variants: readonly Variant[] = ["facts", "turns"];

/**
 * All sets of the folder that `BENCH_DATA` names. The data have licences of their own and are no part of the project.
 * @throws CannotRun where there are none.
 */
export function readSets(): readonly QualitySet[] {
	const project = fileURLToPath(new URL("../../..", import.meta.url));
	const folder = resolve(project, process.env.BENCH_DATA ?? standardFolder);
	const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
	if (files.length === 0)
		throw new CannotRun(`No data sets are in ${folder}; BENCH_DATA names another folder`);
	return files.toSorted().flatMap((file) => {
		const data: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
		return file === locomoFile
			? locomoSets(data as readonly RawConversation[])
			: [plainSet(file.replace(/\.json$/, ""), data as RawSet)];
	});
}

function locomoSets(conversations: readonly RawConversation[]): readonly QualitySet[] {
	return variants.map((variant) => ({
		name: `locomo ${variant}`,
		collections: conversations.map((conversation) => locomoMemories(conversation, variant)),
		wholeRecall: true,
	}));
}

function plainSet(name: string, { memories, queries }: RawSet): QualitySet {
	const items = memories.map(({ id, text, createdAt, conversation }) => ({
		request: { text, createdAt, conversationId: conversation },
		ids: [id],
	}));
	return { name, collections: [{ items, queries }], wholeRecall: false };
}
