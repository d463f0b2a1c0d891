import type { Collection, Item } from "./sets.ts";

/** `facts`: what a model has noted of each session. `turns`: what was said, word for word. */
export type Variant = "facts" | "turns";

/** LoCoMo (Maharana et al., ACL 2024; CC BY-NC 4.0). */
export interface RawConversation {
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
	readonly questions: readonly { readonly question: string; readonly evidence: readonly string[] }[];
}

/**
 * A conversation as memories: facts carry their speaker as metadata, turns begin with "Speaker: " as a transcript does;
 * both have their session as conversation, and its date.
 */
export function locomoMemories(conversation: RawConversation, variant: Variant): Collection {
	return {
		items: variant === "facts" ? factsOf(conversation) : turnsOf(conversation),
		// Recall is not defined for a question without evidence.
		queries: conversation.questions
			.filter(({ evidence }) => evidence.length > 0)
			.map(({ question, evidence }) => ({ question, relevant: evidence })),
	};
}

function factsOf({ observations }: RawConversation): Item[] {
	return observations.map(({ text, speaker, session, date, evidence }) => ({
		request: { text, conversationId: session, createdAt: timeOf(date), metadata: { speaker } },
		ids: evidence,
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
		ids: [id],
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
