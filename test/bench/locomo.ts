import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImportRequest } from "../../src/memory/requests.ts";
import { CannotRun } from "./figure.ts";

/** One memory to be stored, and the dialogue turns it is evidence of. */
export interface Item {
	readonly request: ImportRequest & { readonly text: string };
	readonly evidence: readonly string[];
}

export interface LocomoQuestion {
	readonly question: string;
	/** 1 several facts, 2 time, 3 inference, 4 one fact, 5 put wrongly (another person's). */
	readonly category: number;
	/** Turns that answer it. */
	readonly evidence: readonly string[];
}

export interface Conversation {
	readonly id: string;
	readonly items: readonly Item[];
	readonly questions: readonly LocomoQuestion[];
}

/** `facts`: what a model has noted of each session. `turns`: what was said, word for word. */
export type Variant = "facts" | "turns";
export const variants: readonly Variant[] = ["facts", "turns"];

interface RawConversation {
	readonly id: string;
	readonly observations: readonly {
		readonly text: string;
		readonly speaker: string;
		readonly session: string;
		readonly date: string;
		readonly evidence: readonly string[];
	}[];
	readonly turns: readonly {
		readonly id: string;
		readonly speaker: string;
		readonly date: string;
		readonly text: string;
	}[];
	readonly questions: readonly LocomoQuestion[];
}

/** LoCoMo (Maharana et al., ACL 2024; CC BY-NC 4.0) is no part of the project: it is read from where `LOCOMO_FILE` says. */
const standardFile = "../shared/bench/locomo-dev.json";

/**
 * The conversations as memories: facts carry their speaker as metadata, turns begin with "Speaker: " as a transcript
 * does; both have their session as conversation, and its date.
 * @throws CannotRun where the file is absent.
 */
export function readLocomo(variant: Variant): readonly Conversation[] {
	const project = fileURLToPath(new URL("../..", import.meta.url));
	const file = process.env.LOCOMO_FILE ?? resolve(project, standardFile);
	if (!existsSync(file))
		throw new CannotRun(
			`LoCoMo is not at ${standardFile} beside the project; LOCOMO_FILE names another place`,
		);
	const raw = JSON.parse(readFileSync(file, "utf8")) as readonly RawConversation[];
	return raw.map((conversation) => ({
		id: conversation.id,
		items: variant === "facts" ? factsOf(conversation) : turnsOf(conversation),
		// Recall is not defined for a question without evidence.
		questions: conversation.questions.filter(({ evidence }) => evidence.length > 0),
	}));
}

function factsOf({ observations }: RawConversation): Item[] {
	return observations.map(({ text, speaker, session, date, evidence }) => ({
		request: { text, conversationId: session, createdAt: timeOf(date), metadata: { speaker } },
		evidence,
	}));
}

function turnsOf({ turns }: RawConversation): Item[] {
	return turns.map(({ id, speaker, date, text }) => ({
		// `D3:12` is the twelfth turn of the third session.
		request: {
			text: `${speaker}: ${text}`,
			conversationId: id.split(":")[0],
			createdAt: timeOf(date),
		},
		evidence: [id],
	}));
}

/** "1:56 pm on 8 May, 2023", in the calendar of this machine, as ms since 1970. */
function timeOf(date: string): number {
	const parts = /^(\d+):(\d+) (am|pm) on (\d+) (\w+), (\d+)$/.exec(date.trim());
	if (!parts) throw new Error(`LoCoMo has a date of another form: ${date}`);
	const [, hour, minute, half, day, month, year] = parts;
	const midnight = Date.parse(`${day} ${month} ${year}`);
	return midnight + ((Number(hour) % 12) + (half === "pm" ? 12 : 0)) * 3_600_000 + Number(minute) * 60_000;
}
