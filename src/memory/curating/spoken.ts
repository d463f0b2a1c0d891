import type { TranscriptEntry } from "./transcripts/entry.ts";

/** What was said in a part of a session, and what was only shown. */
export interface Spoken {
	/** What the user said. */
	readonly user: readonly string[];
	/** User and assistant in turn, as a model reads it. */
	readonly dialogue: string;
	/** What tools, files, hooks and this memory put before the model, or somebody pasted. */
	readonly shown: readonly string[];
}

/** Characters of a dialogue that a model gets: the last ones. */
const longestDialogue = 16_000;
/** Characters of one turn: its beginning and its end say what it is about. */
const longestTurn = 3000;

/** What clients and hooks put around what they add to a prompt. */
const added =
	/<(system[-_]reminder|current_datetime|environment_context|command-[a-z]+|local-command-[a-z]+|ide_[a-z_]+|attachments?|context|reminderInstructions|hook[-_a-z]*|skill[-_a-z]*|bash-[a-z]+|user-prompt-submit-hook)\b[^>]*>[\s\S]*?<\/\1>/gi;
/** Pasted files and output. */
const code = /(```+|~~~+)[\s\S]*?(?:\1|$)/g;
/** The first line of a brief or recall of this memory, and what may follow it. */
const ownBegins = /\(MCP Mem0\)/;
const ownGoesOn = /^\s*(?:- ".*|[^\n]{0,120}:|There may be more:.*)?$/;

export function spokenIn(entries: readonly TranscriptEntry[]): Spoken {
	const shown: string[] = [];
	const user: string[] = [];
	const turns: string[] = [];
	for (const { speaker, text } of entries) {
		if (speaker === "shown") {
			shown.push(text);
			continue;
		}
		let rest = text;
		for (const pattern of [added, code])
			rest = rest.replace(pattern, (part) => {
				shown.push(part);
				return "\n";
			});
		const parted = withoutOwn(rest);
		shown.push(...parted.own);
		rest = parted.rest.trim();
		if (rest === "") continue;
		if (speaker === "user") user.push(rest);
		turns.push(`${speaker === "user" ? "User" : "Assistant"}: ${shortened(rest)}`);
	}
	let dialogue = turns.join("\n\n");
	if (dialogue.length > longestDialogue) {
		const cut = dialogue.slice(-longestDialogue);
		dialogue = cut.slice(Math.max(0, cut.indexOf("\n\n"))).trim();
	}
	return { user, dialogue: dialogue.toWellFormed().replaceAll("\0", " "), shown };
}

/** Without what this memory has said. */
function withoutOwn(text: string): { readonly rest: string; readonly own: readonly string[] } {
	const own: string[] = [];
	let within = false;
	const rest = text.split("\n").filter((line) => {
		within = ownBegins.test(line) || (within && ownGoesOn.test(line));
		if (within) own.push(line);
		return !within;
	});
	return { rest: rest.join("\n"), own };
}

function shortened(text: string): string {
	if (text.length <= longestTurn) return text;
	const half = longestTurn / 2;
	return `${text.slice(0, half)} … ${text.slice(-half)}`;
}
