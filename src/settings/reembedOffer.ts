import * as l10n from "@vscode/l10n";
import { language, plural } from "../text/wording.ts";

interface Situation {
	/** Memories of other embedding models. */
	readonly outsideSpace: number;
	readonly embedding: {
		readonly description: string;
		/** Empty for the built-in model. */
		readonly origin: string;
		readonly state: "unused" | "working" | "failing";
	};
}

/**
 * What offers to embed earlier memories with another model; undefined if there is nothing to offer. Only a model that has
 * just answered is offered: settings that do not work yet would send every text into an error.
 */
export function reembedOffer({ outsideSpace, embedding }: Situation): string | undefined {
	const { description, origin, state } = embedding;
	const works = origin === "" ? state !== "failing" : state === "working";
	if (outsideSpace === 0 || !works) return undefined;
	const found = plural(
		outsideSpace,
		l10n.t("# memory of an earlier embedding model is found only by its words."),
		l10n.t("# memories of an earlier embedding model are found only by their words."),
	);
	const can =
		outsideSpace === 1 ? l10n.t`${description} can embed it.` : l10n.t`${description} can embed them.`;
	return `${found} ${can}`;
}

const kilobyte = 1000;

/** About how much `count` texts are, some of which are known: "12 KB". */
export function estimatedSize(sample: readonly string[], count: number): string {
	const bytes = sample.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
	return sizeOf(sample.length === 0 ? 0 : (bytes / sample.length) * count);
}

/** "12 KB" */
export function sizeOf(all: number): string {
	if (all < kilobyte) return "1 KB";
	return all < kilobyte ** 2
		? `${Math.round(all / kilobyte)} KB`
		: `${(all / kilobyte ** 2).toLocaleString(language(), { maximumFractionDigits: 1 })} MB`;
}
