import * as l10n from "@vscode/l10n";
import {
	type ChatMessages,
	type ChatModel,
	completeJson,
	estimatedTokens,
	type JsonSchema,
} from "../../../endpoints/chatModel.ts";
import { EndpointError } from "../../../endpoints/endpointError.ts";
import type { Memory } from "../../../store/types.ts";
import { ageOf } from "../../../text/wording.ts";
import type { Closeness } from "../closeness.ts";
import { comparableText } from "../comparison.ts";
import { merging, splitting, superseding } from "../newProposals.ts";
import { type Findings, tooLong, type UnsurePair } from "../proposals.ts";
import type { Proposal } from "../reviewQueue.ts";
import { turn } from "../similarPairs.ts";
import { pairsQuestion, pairsSchema, readJudgements, shownLength } from "./pairs.ts";
import { partsQuestion, partsSchema, readParts, sentencesOf } from "./parts.ts";

/** Pairs of which it is worth knowing how near they are in meaning. */
export const mostUnsure = 1000;
/** Pairs that a model is asked about, those that are nearest in meaning … */
const mostPairs = 120;
/** … so many in a request, … */
const pairsPerRequest = 10;
/** … and memories that it is asked to split, the longest. Each is a request. */
const mostLong = 20;
/** Tokens that an answer needs, and what is said around the texts. */
const tokensBeside = 900;

/** What would be sent, for the person who decides. */
export interface ModelPlan {
	/** Memories whose texts would be sent. */
	readonly memories: number;
	readonly bytes: number;
	/** At most: a model that answers in prose is reminded once. */
	readonly requests: number;
	readonly model: string;
	/** Empty for a model of the program that this one runs in. */
	readonly origin: string;
}

export interface ModelOptions {
	/** Asked before anything is sent. */
	readonly agree: (plan: ModelPlan) => Promise<boolean>;
	readonly report?: (done: number, of: number) => void;
}

export interface ModelAnswers {
	readonly proposals: readonly Proposal[];
	/** Why some of the questions have no answer. */
	readonly failure?: EndpointError;
}

interface Question {
	readonly messages: ChatMessages;
	readonly schema: JsonSchema;
	readonly about: readonly Memory[];
	/** What follows from an answer; undefined if it is none. */
	readonly read: (value: unknown) => readonly Proposal[] | undefined;
}

/**
 * Asks a language model what words leave open: how pairs of memories relate, and where a long one is to be split.
 * @throws what the signal was aborted with.
 */
export async function askModel(
	chat: ChatModel,
	findings: Pick<Findings, "unsure" | "long">,
	options: ModelOptions & {
		readonly now: number;
		readonly closeness: Closeness;
		readonly signal?: AbortSignal | undefined;
	},
): Promise<ModelAnswers> {
	const { agree, report, now, closeness, signal } = options;
	const pairs = await nearest(findings.unsure, closeness, signal);
	const long = findings.long.toSorted((a, b) => b.text.length - a.text.length).slice(0, mostLong);
	const room = (chat.contextLength ?? Number.POSITIVE_INFINITY) - tokensBeside;
	const questions = [
		...inRequests(pairs, room).map((some) => aboutPairs(some, now)),
		...long.map(aboutParts),
	].filter(({ messages }) => estimatedTokens(messages.user) <= room);
	if (questions.length === 0 || !(await agree(planOf(chat, questions)))) return { proposals: [] };
	const proposals: Proposal[] = [];
	let failure: EndpointError | undefined;
	for (const [index, { messages, schema, read }] of questions.entries()) {
		signal?.throwIfAborted();
		report?.(index, questions.length);
		try {
			const accept = (value: unknown) => read(value) !== undefined;
			const { value } = await completeJson(chat, messages, { schema, accept, signal });
			proposals.push(...(read(value) ?? []));
		} catch (error) {
			if (signal?.aborted || !(error instanceof EndpointError)) throw error;
			failure = error;
			// What is wrong with one text, or one answer, says nothing of the next.
			if (error.kind !== "bad-answer" && error.kind !== "too-large") break;
		}
	}
	return { proposals, ...(failure ? { failure } : {}) };
}

/** The pairs that are nearest in meaning; those without vectors by the words that they share. */
async function nearest(unsure: readonly UnsurePair[], closeness: Closeness, signal?: AbortSignal) {
	const near: { readonly pair: UnsurePair; readonly closeness: number }[] = [];
	for (const [index, pair] of unsure.entries()) {
		if (index % pairsPerRequest === 0) await turn(signal);
		near.push({ pair, closeness: (await closeness(pair.older.text, pair.newer.text)) ?? pair.shared });
	}
	near.sort((a, b) => b.closeness - a.closeness);
	return near.slice(0, mostPairs).map(({ pair }) => pair);
}

/** As many pairs in a request as the model has room for. */
function inRequests(pairs: readonly UnsurePair[], room: number): readonly (readonly UnsurePair[])[] {
	const fitting = Math.floor(room / estimatedTokens("x".repeat(2 * shownLength + 100)));
	const each = Math.max(1, Math.min(pairsPerRequest, fitting));
	return Array.from({ length: Math.ceil(pairs.length / each) }, (_, n) =>
		pairs.slice(n * each, (n + 1) * each),
	);
}

function planOf({ description, origin }: ChatModel, questions: readonly Question[]): ModelPlan {
	return {
		memories: new Set(questions.flatMap(({ about }) => about.map(({ id }) => id))).size,
		bytes: questions.reduce((sum, { messages }) => sum + Buffer.byteLength(messages.user), 0),
		requests: questions.length,
		model: description,
		origin,
	};
}

function aboutPairs(pairs: readonly UnsurePair[], now: number): Question {
	return {
		messages: pairsQuestion(pairs.map(({ older, newer }) => ({ older: older.text, newer: newer.text }))),
		schema: pairsSchema,
		about: pairs.flatMap(({ older, newer }) => [older, newer]),
		read: (value) => {
			const judged = readJudgements(value, pairs.length);
			return judged && pairs.flatMap((pair, index) => judgedPair(pair, judged.get(index), now) ?? []);
		},
	};
}

function judgedPair({ older, newer }: UnsurePair, judgement: string | undefined, now: number) {
	if (judgement === "contradiction")
		return superseding(
			older,
			newer,
			l10n.t`The language model finds that a memory saved ${ageOf(newer.createdAt, now)} contradicts one saved ${ageOf(older.createdAt, now)}.`,
		);
	// A number that only one of them has would be lost.
	const sameNumbers = comparableText(older.text).numbers === comparableText(newer.text).numbers;
	if (judgement !== "same" || !sameNumbers) return undefined;
	const why = l10n.t("The language model finds that two memories say the same. One is kept.");
	return merging([older, newer], why);
}

function aboutParts(memory: Memory): Question {
	const sentences = sentencesOf(memory.text);
	return {
		messages: partsQuestion(sentences),
		schema: partsSchema,
		about: [memory],
		read: (value) => {
			const parts = readParts(value, sentences);
			if (!parts || parts.length === 0) return parts && [];
			return [splitting(memory, parts, tooLong(memory, parts))];
		},
	};
}
