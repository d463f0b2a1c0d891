import * as l10n from "@vscode/l10n";
import { findLocalServers, type LocalServer } from "../../endpoints/openai/localServers.ts";
import { type LocalOffer, localOffer } from "../../settings/localServers.ts";
import type { PanelInput } from "../../settings/panel/panelState.ts";
import type { Values } from "../../settings/values.ts";
import { plural } from "../../text/wording.ts";

/** Model servers on this machine, which are looked for only when a person opens the panel or asks for it. */
export function createLocalServers(values: () => Values, changed: () => void) {
	const stop = new AbortController();
	let found: readonly LocalServer[] | "looking" | undefined;
	const offers = (): readonly LocalOffer[] =>
		found === undefined || found === "looking"
			? []
			: found.flatMap((server) => localOffer(server, values()) ?? []);
	return {
		offers,
		get view(): PanelInput["local"] {
			if (found === undefined) return { state: "unasked", offers: [], text: "" };
			if (found === "looking") return { state: "looking", offers: [], text: l10n.t("Looking for servers…") };
			const texts = offers().map(({ text }) => text);
			const others = found.length - texts.length;
			const inUse = plural(
				others,
				l10n.t("A server that runs here is in use."),
				l10n.t("# servers that run here are in use."),
			);
			const notFound = l10n.t("No model server was found at the usual ports of this machine.");
			const none = others > 0 ? inUse : notFound;
			return { state: "asked", offers: texts, text: texts.length > 0 ? "" : none };
		},
		find: async () => {
			found = "looking";
			changed();
			found = await findLocalServers(stop.signal);
			changed();
		},
		dispose: () => stop.abort(),
	};
}
