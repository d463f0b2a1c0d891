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

const ill: readonly (StatusBarText["state"] | undefined)[] = ["unavailable", "away", "failing", "degraded"];

/** What makes sense now, in groups: first what needs a person, then what they do every day. */
export function menuOf({ status, shown, waiting }: Situation): readonly MenuGroup[] {
	const remote = status?.llm !== undefined || (status?.embedding.origin ?? "") !== "";
	const entry = (command: string, label: string, icon: string, description?: string): MenuEntry => ({
		command: `mcpMem0.${command}`,
		label,
		icon,
		...(description === undefined ? {} : { description }),
	});
	const outside = status?.outsideSpace ?? 0;
	const saves = status?.heldBack.saves ?? 0;
	const groups = [
		{
			title: "Needs you",
			entries: [
				...(ill.includes(shown?.state)
					? [entry("runDiagnostics", "Run All Diagnostics", "pulse", shown?.problem)]
					: []),
				...(outside > 0
					? [
							entry(
								"reembed",
								"Re-embed Memories…",
								"sync",
								`${counted(outside)} of an earlier embedding model`,
							),
						]
					: []),
				...(saves > 0
					? [
							entry(
								"distill",
								"Distill Waiting Saves",
								"beaker",
								plural(saves, "# save waits for an earlier endpoint", "# saves wait for an earlier endpoint"),
							),
						]
					: []),
				...(waiting > 0
					? [
							entry(
								"showMemories",
								"Review Proposals",
								"checklist",
								plural(waiting, "# waits for review", "# wait for review"),
							),
						]
					: []),
			],
		},
		{
			title: "Memories",
			entries: status
				? [
						entry("searchMemories", "Search Memories…", "search"),
						entry("saveMemory", "Save Memory…", "add"),
						entry("showMemories", "Show Memories", "list-tree"),
						...(status.counts.all > 1 ? [entry("tidyUp", "Tidy Up Memories…", "wand")] : []),
					]
				: // The text is kept, and saved as soon as that is possible.
					[entry("saveMemory", "Save Memory…", "add")],
		},
		{ title: "Agents", entries: [entry("connectAgents", "Connect Agents…", "plug")] },
		{
			title: "Endpoints",
			entries: [
				entry("openSettings", "Open Settings", "gear"),
				...(remote
					? [
							entry("testConnection", "Test Connection", "debug-disconnect"),
							entry("setApiKey", "Set API Key…", "key"),
						]
					: []),
				...(ill.includes(shown?.state) ? [] : [entry("runDiagnostics", "Run All Diagnostics", "pulse")]),
				entry("showLog", "Show Log", "output"),
			],
		},
	];
	return groups.filter(({ entries }) => entries.length > 0);
}
