import * as l10n from "@vscode/l10n";
import { covers, httpOnly } from "../../config/endpoints.ts";
import { hostsOf, type KeySlot, type KnownServers, keySlots, sameSlot, slotOf } from "./boundKeys.ts";
import { isReadableInTransit } from "./transit.ts";

/** What is known about a key without having it. */
export interface KnownKey extends KeySlot {
	readonly kind: "key" | "none";
	/** Entered or taken from a file, and not saved yet. */
	readonly unsaved?: "entered" | ".env";
}

export interface KeyStatus {
	readonly slot: KeySlot;
	/** Whether there is a key, and for which host, in words. */
	readonly text: string;
	readonly warning: string | undefined;
	readonly own: KnownKey | undefined;
	/** Where the key that requests carry is stored: this slot, or the language model's for the same host. */
	readonly used: KeySlot | undefined;
	/** Whether requests carry `OPENAI_API_KEY` of the environment. */
	readonly ambient: boolean;
	/** A key of another host that could be used here, if the person says so. */
	readonly reusable: KeySlot | undefined;
}

export interface KeyContext {
	/** All keys that are stored or entered, without those to be removed. */
	readonly known: readonly KnownKey[];
	readonly removed: readonly KeySlot[];
	/** The language model's host, whose key also serves embeddings there. */
	readonly llmOrigin: string | undefined;
	/** The host whose key was in use before the edits, if any. */
	readonly savedOrigin: string | undefined;
	/** Whether `OPENAI_API_KEY` is in the environment and meant for this slot. */
	readonly ambient: boolean;
}

/** The status of each slot of the servers. */
export function keyStatuses(
	servers: KnownServers,
	saved: KnownServers,
	{ known, removed }: Pick<KeyContext, "known" | "removed">,
): KeyStatus[] {
	const slots = keySlots(servers);
	const llmOrigin = slotOf(slots, "LLM_API_KEY")?.origin;
	return slots.map((slot) => {
		const savedOrigin = slotOf(keySlots(saved), slot.variable)?.origin;
		const { llm, embedding } = servers;
		const endpoint = {
			LLM_API_KEY: httpOnly(llm),
			EMBEDDING_API_KEY: embedding,
			TEAM_SERVER_TOKEN: undefined,
		};
		const ambient = endpoint[slot.variable]?.apiKey !== undefined;
		return keyStatus(slot, { known, removed, llmOrigin, savedOrigin, ambient });
	});
}

/** A key is bound to its host, and no other host gets it; the status tells which key that leaves for a slot. */
export function keyStatus(slot: KeySlot, context: KeyContext): KeyStatus {
	const { removed, llmOrigin, savedOrigin } = context;
	const isToken = slot.variable === "TEAM_SERVER_TOKEN";
	// A token is no key, nor a key a token.
	const known = context.known.filter(({ variable }) => (variable === "TEAM_SERVER_TOKEN") === isToken);
	const own = known.find((each) => sameSlot(each, slot));
	const shared =
		slot.variable === "EMBEDDING_API_KEY" && llmOrigin !== undefined && covers(llmOrigin, slot.origin)
			? known.find(({ variable, origin }) => variable === "LLM_API_KEY" && origin === llmOrigin)
			: undefined;
	const stored = own ?? shared;
	const used = stored?.kind === "key" ? stored : undefined;
	const ambient = context.ambient && !own && !used;
	const others = known.filter(({ kind, origin }) => kind === "key" && origin !== slot.origin);
	// The token of another server lets nobody in here.
	const reusable =
		stored || isToken
			? undefined
			: (others.find(({ variable, origin }) => variable === slot.variable && origin === savedOrigin) ??
				others.find(({ variable }) => variable === slot.variable) ??
				others[0]);
	const warning =
		used && isReadableInTransit(slot.origin)
			? l10n.t("This address is not encrypted and not in a private network: the key can be read in transit.")
			: undefined;
	return { slot, text: isToken ? wordingOfToken() : wording(), own, used, ambient, reusable, warning };

	function wordingOfToken(): string {
		const { origin } = slot;
		if (own?.unsaved) return l10n.t`A token for ${origin} is ready and will be stored when you save.`;
		if (own) return l10n.t`A token is stored for ${origin}.`;
		return removed.some((each) => sameSlot(each, slot))
			? l10n.t`The token for ${origin} will be removed when you save.`
			: l10n.t`No token is stored for ${origin}. Its administrator gives you one.`;
	}

	function wording(): string {
		const hosts = hostsOf(slot);
		const needsNone = hosts === slot.origin ? l10n.t`${hosts} needs no key.` : l10n.t`${hosts} need no key.`;
		if (own?.kind === "none") return needsNone;
		if (own?.unsaved) return l10n.t`A key for ${hosts} is ready and will be stored when you save.`;
		if (own) return l10n.t`A key is stored for ${hosts}.`;
		const isRemoved = removed.some((each) => sameSlot(each, slot));
		const gone = isRemoved && l10n.t`The key for ${hosts} will be removed when you save.`;
		const rest = () => {
			if (shared?.kind === "none") return needsNone;
			if (shared) return l10n.t("The language model's key is used, because it is for the same host.");
			if (ambient) return l10n.t("OPENAI_API_KEY of the environment is used.");
			const none = !gone && l10n.t`No key is stored for ${hosts}.`;
			const withheld = reusable && l10n.t`The key for ${hostsOf(reusable)} is not sent there.`;
			return [none, withheld].filter(Boolean).join(" ");
		};
		return [gone, rest()].filter(Boolean).join(" ");
	}
}
