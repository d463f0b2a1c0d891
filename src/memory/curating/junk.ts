import { fingerprint } from "../../text/fingerprint.ts";
import { contentTerms } from "../../text/terms.ts";
import type { Spoken } from "./spoken.ts";

/** Why a fact that a model found in a session is not proposed. */
export type Junk = "not said" | "shown" | "known";

/** The part of a fact's words that the user must have said: a model adds some, and puts others in other forms. */
const saidShare = 0.6;
/** The part of a fact's words that one passage has, if the fact only restates it. */
const restatedShare = 0.75;
/** The part of a memory's words that a fact has, if both are about the same. */
const knownShare = 0.5;
/** Characters of what was shown that are looked at: the last ones. */
const longestShown = 1_000_000;
/** Lines of a file that say one thing together. */
const passageLines = 3;
const aboutPeople = new Set(contentTerms("user person people someone"));

/** Tells facts that the user has told from what a model makes of everything else in a session. */
export class JunkFilter {
	readonly #said: ReadonlySet<string>;
	readonly #passages: readonly ReadonlySet<string>[];

	constructor({ user, shown }: Pick<Spoken, "user" | "shown">) {
		this.#said = new Set(user.flatMap(wordsOf));
		this.#passages = passagesOf(shown);
	}

	/** Undefined for a fact that is worth proposing. @param known memories that are about the same. */
	reasonAgainst(fact: string, known: readonly string[]): Junk | undefined {
		const words = [...new Set(wordsOf(fact))].filter((word) => !aboutPeople.has(word));
		if (words.length === 0 || share(words, this.#said) < saidShare) return "not said";
		if (this.#passages.some((passage) => share(words, passage) >= restatedShare)) return "shown";
		return known.some((memory) => restates(fact, words, memory)) ? "known" : undefined;
	}
}

/** Whether a fact says no more than a memory: in its words but for a few, with all its numbers. */
function restates(fact: string, words: readonly string[], memory: string): boolean {
	if (fingerprint(fact) === fingerprint(memory)) return true;
	const of = new Set(wordsOf(memory));
	const numbers = words.filter((word) => /\p{N}/u.test(word));
	if (numbers.some((number) => !of.has(number))) return false;
	return share(words, of) >= restatedShare && share([...of], new Set(words)) >= knownShare;
}

function passagesOf(shown: readonly string[]): readonly ReadonlySet<string>[] {
	const text = shown.join("\n\n").slice(-longestShown);
	const lines = text.split(/\r?\n|\\n/).filter((line) => line.trim() !== "");
	const words = lines.map(wordsOf);
	return words.map((_, index) => new Set(words.slice(index, index + passageLines).flat()));
}

/** The words that say something, in a form that most of their endings share. */
function wordsOf(text: string): readonly string[] {
	return contentTerms(text).map((term) => (/\p{N}/u.test(term) ? term : term.slice(0, 6)));
}

function share(words: readonly string[], of: ReadonlySet<string>): number {
	return words.length === 0 ? 0 : words.filter((word) => of.has(word)).length / words.length;
}
