import * as vscode from "vscode";
import { errorText } from "../../memory/errorText.ts";
import { placeInFile } from "../../memory/originText.ts";
import type { FoundMemory } from "../../memory/requests.ts";
import { inSettings } from "../../settings/settingNames.ts";
import type { Memory } from "../../store/types.ts";
import { oneLine } from "../../text/inert.ts";
import { ageOf, plural, shortened } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { needsToken } from "../runForUser.ts";
import type { Item } from "../ui.ts";

const resultLimit = 20;
/** Weak matches that are shown before a person asks for them. */
const fewWeak = 3;
/** Characters of a memory that fit on an item's first line, beside its buttons. */
const labelLength = 58;
/** Characters of a memory that fit on both lines, however wide the window is. */
const longestLine = 600;

/** A memory, or something to do where there is none. */
export interface Row extends Item {
	readonly memory?: Memory;
	readonly act?: "save" | "search-everywhere" | "show-weak" | { readonly command: string };
}

export interface Question {
	readonly query: string;
	readonly everyProject: boolean;
	/** Whether all weak matches are shown, or a few of them. */
	readonly showWeak: boolean;
	readonly signal: AbortSignal;
}

export const buttons = {
	insert: { iconPath: new vscode.ThemeIcon("insert"), tooltip: vscode.l10n.t("Insert at cursor") },
	copy: { iconPath: new vscode.ThemeIcon("copy"), tooltip: vscode.l10n.t("Copy") },
	chat: { iconPath: new vscode.ThemeIcon("comment-discussion"), tooltip: vscode.l10n.t("Add to chat") },
	delete: { iconPath: new vscode.ThemeIcon("trash"), tooltip: vscode.l10n.t("Delete") },
} as const;

/** What the list shows, best first. A failure is a row of it: a notification per keystroke would be too many. */
export async function rowsOf(deps: Deps, question: Question): Promise<readonly Row[]> {
	try {
		return await (question.query === "" ? newest(deps, question) : found(deps, question));
	} catch (error) {
		if (question.signal.aborted) return [];
		const text = inSettings(errorText(error));
		deps.log.error(text);
		return [
			{
				icon: "warning",
				label: vscode.l10n.t("Memories cannot be searched"),
				detail: text,
				alwaysShow: true,
			},
			needsToken(error)
				? action("mcpMem0.enterToken", "key", vscode.l10n.t("Enter Token…"))
				: action("mcpMem0.openSettings", "gear", vscode.l10n.t("Open Settings")),
			action("mcpMem0.showLog", "output", vscode.l10n.t("Show Log")),
		];
	}
}

async function newest(deps: Deps, { everyProject }: Question): Promise<readonly Row[]> {
	const memory = await deps.memory.get();
	const project = await deps.currentProject();
	const scope = everyProject ? "all" : undefined;
	const { memories } = await memory.list({ scope, project, limit: resultLimit });
	if (memories.length > 0) return memories.map(toRow);
	const elsewhere = everyProject ? 0 : (await memory.list({ scope: "all", limit: 1 })).total;
	if (elsewhere > 0) {
		const label = vscode.l10n.t("Nothing is remembered here. Search every project");
		return [
			{ ...searchEverywhere, label },
			action("mcpMem0.saveMemory", "add", vscode.l10n.t("Save Memory…")),
		];
	}
	return [
		action("mcpMem0.saveMemory", "add", vscode.l10n.t("Nothing is remembered yet. Save the first memory…")),
		action("mcpMem0.connectAgents", "plug", vscode.l10n.t("Connect Agents…")),
		action("mcpMem0.openSettings", "gear", vscode.l10n.t("Connect a model endpoint of your own…")),
	];
}

const searchEverywhere: Row = {
	act: "search-everywhere",
	icon: "globe",
	label: vscode.l10n.t("Search every project"),
	alwaysShow: true,
};

async function found(deps: Deps, { query, everyProject, showWeak, signal }: Question) {
	const memory = await deps.memory.get();
	const project = await deps.currentProject();
	const scope = everyProject ? "all" : undefined;
	const { memories, note } = await memory.search({ query, scope, project, limit: resultLimit, signal });
	const weak = memories.filter((each) => each.weak).map(toRow);
	const strong = memories.filter((each) => !each.weak).map(toRow);
	const rows: Row[] = [];
	if (note)
		rows.push({
			...action("mcpMem0.runDiagnostics", "warning", vscode.l10n.t("Searched by words only")),
			detail: inSettings(note),
		});
	rows.push(...strong);
	// Those that are likelier wrong than right. A few may be worth a look; many would bury what to do instead.
	const few = showWeak ? weak : weak.slice(0, fewWeak);
	if (few.length > 0) rows.push(separator(vscode.l10n.t("Weak matches")), ...few);
	const more = weak.length - few.length;
	if (more > 0) rows.push(showMore(more));
	if (strong.length === 0) rows.push(...instead(query, everyProject));
	return rows;
}

/** What a person can do where nothing answers. */
function instead(query: string, everyProject: boolean): Row[] {
	const asked = shortened(query);
	return [
		separator(vscode.l10n.t("No memory clearly answers “{0}”", asked)),
		...(everyProject ? [] : [searchEverywhere]),
		{
			act: "save",
			icon: "add",
			label: vscode.l10n.t("Save “{0}” as a memory", asked),
			alwaysShow: true,
		},
	];
}

function separator(label: string): Row {
	return { label, kind: vscode.QuickPickItemKind.Separator };
}

function showMore(count: number): Row {
	const one = vscode.l10n.t("Show # more weak match");
	const many = vscode.l10n.t("Show # more weak matches");
	return { act: "show-weak", icon: "eye", label: plural(count, one, many), alwaysShow: true };
}

function toRow(memory: Memory | FoundMemory): Row {
	const line = oneLine(memory.text, longestLine);
	const long = line.length > labelLength;
	const space = line.lastIndexOf(" ", labelLength);
	const end = long ? (space > labelLength / 2 ? space : labelLength) : line.length;
	// The hover, which begins where the first line ends, is Markdown: code in it would be escaped twice.
	const rest = line.slice(end).replaceAll("`", "ˋ");
	const facts = [
		"score" in memory && vscode.l10n.t("{0} %", Math.round(memory.score * 100)),
		memory.supersededBy !== undefined && vscode.l10n.t("superseded"),
		memory.project?.name ?? vscode.l10n.t("global"),
		ageOf(memory.createdAt),
		memory.origin && placeInFile(memory.origin),
	];
	// The buttons of a row would hide these facts on its first line. The rest of a long text follows them.
	const known = facts.filter(Boolean).join(" · ");
	return {
		memory,
		label: long ? `${line.slice(0, end)}…` : line,
		detail: long ? `${known} — …${rest}` : known,
		// The search chose the results: the picker must not filter them again by their letters.
		alwaysShow: true,
		buttons: Object.values(buttons),
	};
}

function action(command: string, icon: string, label: string): Row {
	return { act: { command }, icon, label, alwaysShow: true };
}
