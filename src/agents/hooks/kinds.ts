import type { Memory } from "../../store/types.ts";

/** What metadata may call a memory of this kind. */
const named = /\b(convention|decision|rule|guideline|preference|policy|constraint)s?\b/i;

/** How people, and the models that distil facts, put decisions and conventions into words. */
const decided =
	/\b(decided|decision|agreed|chose|chosen|convention|policy|guideline|rule|standard|must|never|always|only use|instead of|rather than|do not|don't|avoid|no longer|we use|uses?|is (written|built|deployed|run|tested) (with|in|by|on))\b/i;

const preferred =
	/\b(prefers?|preferred|preference|likes?|dislikes?|loves?|hates?|wants?|favou?rs?|always|never|rather|instead of|do not|don't|avoid|works? (with|on|at|in)|speaks?|uses?|name is|is called)\b/i;

export function isDecision(memory: Pick<Memory, "text" | "metadata">): boolean {
	return isNamed(memory) || decided.test(memory.text);
}

export function isPreference(memory: Pick<Memory, "text" | "metadata">): boolean {
	return isNamed(memory) || preferred.test(memory.text);
}

function isNamed({ metadata = {} }: Pick<Memory, "metadata">): boolean {
	return [metadata.type, metadata.kind, metadata.category, metadata.categories, metadata.tags]
		.flat()
		.some((word) => typeof word === "string" && named.test(word));
}
