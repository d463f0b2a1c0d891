import { plural } from "../text/wording.ts";
/** Saves that wait for the host of another configuration, in words; undefined if there are none. */
export function heldBackWords(saves: number, origins: readonly string[]) {
	if (saves === 0) return undefined;
	const where = origins
		.map((origin) => origin.replaceAll(",", " or ") || "another program's model")
		.join(" and ");
	const them = plural(saves, "it", "them");
	return {
		state: `${plural(saves, "# save waits", "# saves wait")} to be distilled at ${where}, the host that another configuration names.`,
		effect: `${plural(saves, "It", "They")} can be found word for word.`,
		remedy: `To send ${them} to the configured language model instead, run Mem0: Distill Waiting Saves, or mcp-mem0 distill`,
	};
}

/** What the status says of them. */
export function heldBackNotice(saves: number, origins: readonly string[]): string[] {
	const words = heldBackWords(saves, origins);
	return words ? [`${words.state} ${words.effect} ${words.remedy}.`] : [];
}
