import { isReadableOnTheWay, type KeySlot, sameSlot } from "./boundKeys.ts";

/** What is known of a key without having it. */
export interface KnownKey extends KeySlot {
	readonly kind: "key" | "none";
	/** Entered, taken from a file or to be removed, and not saved yet. */
	readonly unsaved?: "entered" | ".env";
}

export interface KeyStatus {
	/** Whether a key is at hand, and for which host. */
	readonly text: string;
	readonly warning?: string;
	readonly own: KnownKey | undefined;
	/** A key of another host that could be used here, if somebody says so. */
	readonly reusable: KeySlot | undefined;
}

export interface KeyContext {
	/** All keys that are stored or entered; those to be removed are not among them. */
	readonly known: readonly KnownKey[];
	readonly removed: readonly KeySlot[];
	/** Where the language model is, whose key serves embeddings at the same place. */
	readonly llmOrigin: string | undefined;
	/** The host whose key was in use before the edits, if any. */
	readonly savedOrigin: string | undefined;
	/** Whether `OPENAI_API_KEY` is in the environment and meant for this slot. */
	readonly ambient: boolean;
}

/** What is to be said of a place for a key: a key is bound to its host, and another host does not get it. */
export function keyStatus(slot: KeySlot, context: KeyContext): KeyStatus {
	const { known, removed, llmOrigin, savedOrigin, ambient } = context;
	const own = known.find((each) => sameSlot(each, slot));
	const shared =
		slot.variable === "EMBEDDING_API_KEY" && llmOrigin === slot.origin
			? known.find(({ variable, origin }) => variable === "LLM_API_KEY" && origin === slot.origin)
			: undefined;
	const others = known.filter(({ kind, origin }) => kind === "key" && origin !== slot.origin);
	const reusable =
		own || shared
			? undefined
			: (others.find(({ variable, origin }) => variable === slot.variable && origin === savedOrigin) ??
				others.find(({ variable }) => variable === slot.variable) ??
				others[0]);
	const readable = isReadableOnTheWay(slot.origin) && (own ?? shared)?.kind === "key";
	return {
		text: wording(),
		own,
		reusable,
		...(readable
			? {
					warning:
						"This address is not encrypted and not in a private network: the key can be read on its way.",
				}
			: {}),
	};

	function wording(): string {
		if (own?.kind === "none") return `${slot.origin} needs no key.`;
		if (own?.unsaved) return `A key for ${slot.origin} is ready and will be stored when you save.`;
		if (own) return `A key is stored for ${slot.origin}.`;
		const gone = removed.some((each) => sameSlot(each, slot))
			? `The key for ${slot.origin} will be removed when you save. `
			: "";
		if (shared)
			return shared.kind === "none"
				? `${gone}${slot.origin} needs no key.`
				: `${gone}The language model's key is used, since it is for the same host.`;
		if (ambient) return `${gone}OPENAI_API_KEY of the environment is used.`;
		const withheld = reusable ? ` The key for ${reusable.origin} is not sent there.` : "";
		return gone ? `${gone}${withheld}`.trim() : `No key is stored for ${slot.origin}.${withheld}`;
	}
}
