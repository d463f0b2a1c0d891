import * as l10n from "@vscode/l10n";
import type { StatusBarText } from "../../doctor/health/statusBarText.ts";
import type { MemoryStatus } from "../../memory/requests.ts";
import { counted, plural } from "../../text/wording.ts";

/** What a click on the status bar offers. */
export interface MenuEntry {
	readonly command: string;
	readonly label: string;
	readonly icon: string;
	/** Why it is offered now. */
	readonly description?: string;
}

export interface MenuGroup {
	readonly title: string;
	readonly entries: readonly MenuEntry[];
}

interface Situation {
	/** Undefined: the memory cannot be opened. */
	readonly status: MemoryStatus | undefined;
	readonly shown: Pick<StatusBarText, "state" | "problem"> | undefined;
	/** Memories that are proposed. */
	readonly waiting: number;
}

const ill: readonly (StatusBarText["state"] | undefined)[] = [
	"unavailable",
	"refused",
	"away",
	"failing",
	"degraded",
];

/** What makes sense now, in groups: first what needs a person, then what they do every day. */
export function menuOf({ status, shown, waiting }: Situation): readonly MenuGroup[] {
	const isOnServer = status?.teamServer !== undefined;
	const remote = isOnServer || status?.llm !== undefined || (status?.embedding.origin ?? "") !== "";
	const entry = (command: string, label: string, icon: string, description?: string): MenuEntry => ({
		command: `mcpMem0.${command}`,
		label,
		icon,
		...(description === undefined ? {} : { description }),
	});
	// Whoever runs a team's server does these there.
	const own = status?.teamServer === undefined ? status : undefined;
	const outside = own?.outsideSpace ?? 0;
	const saves = own?.heldBack.saves ?? 0;
	const groups = [
		{
			title: l10n.t("Needs you"),
			entries: [
				...(shown?.state === "refused"
					? [entry("enterToken", l10n.t("Enter Token…"), "key", shown.problem)]
					: []),
				...(ill.includes(shown?.state)
					? [entry("runDiagnostics", l10n.t("Run All Diagnostics"), "pulse", shown?.problem)]
					: []),
				...(outside > 0
					? [
							entry(
								"reembed",
								l10n.t("Re-embed Memories…"),
								"sync",
								l10n.t("{0} of an earlier embedding model", counted(outside)),
							),
						]
					: []),
				...(saves > 0
					? [
							entry(
								"distill",
								l10n.t("Distill Waiting Saves"),
								"beaker",
								plural(
									saves,
									l10n.t("# save waits for an earlier endpoint"),
									l10n.t("# saves wait for an earlier endpoint"),
								),
							),
						]
					: []),
				...(waiting > 0
					? [
							entry(
								"showMemories",
								l10n.t("Review Proposals"),
								"checklist",
								plural(waiting, l10n.t("# waits for review"), l10n.t("# wait for review")),
							),
						]
					: []),
			],
		},
		{
			title: l10n.t("Memories"),
			entries: status
				? [
						entry("searchMemories", l10n.t("Search Memories…"), "search"),
						entry("saveMemory", l10n.t("Save Memory…"), "add"),
						entry("showMemories", l10n.t("Show Memories"), "list-tree"),
						...(status.counts.all > 1 ? [entry("tidyUp", l10n.t("Tidy Up Memories…"), "wand")] : []),
					]
				: // The text is kept, and saved as soon as that is possible.
					[entry("saveMemory", l10n.t("Save Memory…"), "add")],
		},
		{ title: l10n.t("Agents"), entries: [entry("connectAgents", l10n.t("Connect Agents…"), "plug")] },
		{
			title: l10n.t("Endpoints"),
			entries: [
				entry("openSettings", l10n.t("Open Settings"), "gear"),
				...(remote
					? [
							entry("testConnection", l10n.t("Test Connection"), "debug-disconnect"),
							entry("setApiKey", l10n.t("Set API Key…"), "key"),
						]
					: []),
				...(ill.includes(shown?.state)
					? []
					: [entry("runDiagnostics", l10n.t("Run All Diagnostics"), "pulse")]),
				entry("showLog", l10n.t("Show Log"), "output"),
			],
		},
	];
	return groups.filter(({ entries }) => entries.length > 0);
}
