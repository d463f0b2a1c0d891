import * as vscode from "vscode";
import {
	refusedText,
	roleLine,
	type StatusBarText,
	stateWord,
	statusBarText,
	trafficLine,
	unavailableText,
} from "../../doctor/health/statusBarText.ts";
import { errorText } from "../../memory/errorText.ts";
import type { MemoryStatus } from "../../memory/requests.ts";
import { byHost, type HostTraffic } from "../../memory/traffic.ts";
import { inSettings } from "../../settings/settingNames.ts";
import { type Markdown, markdown, markdownOf } from "../../text/inert.ts";
import { counted, plural } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { needsToken } from "../runForUser.ts";
import { createStatusBarItem, type Item, pick, type StatusBarItem, type Tooltip } from "../ui.ts";
import { type MenuEntry, menuOf } from "./menu.ts";

/** ms after activation before the database is opened for the first count: the window comes first. */
const firstLook = 300;
/** ms without a further change: an import changes many memories, which are counted once. */
const settleTime = 250;
/** Days whose requests the tooltip sums up. */
const trafficDays = 7;

/** Shows how many memories there are and whether the endpoints work; a click opens a menu. */
export function registerStatusBar(deps: Deps): vscode.Disposable {
	const item = createStatusBarItem("mcpMem0.memories", vscode.l10n.t("Mem0 memories"), "mcpMem0.showMenu", {
		icon: "database",
		text: "Mem0",
		tooltip: vscode.l10n.t("Mem0: memory for Copilot and agents"),
	});

	let timer: NodeJS.Timeout | undefined;
	let seen: Seen | undefined;
	const updateSoon = (delay = settleTime) => {
		clearTimeout(timer);
		timer = setTimeout(async () => {
			const now = await update(item, deps);
			// The log names a problem once.
			const { state, problem } = now.shown;
			if (state !== seen?.shown.state && problem) deps.log.warn(`${state}: ${inSettings(problem)}`);
			seen = now;
		}, delay);
	};
	updateSoon(firstLook);
	return vscode.Disposable.from(
		item,
		vscode.commands.registerCommand("mcpMem0.showMenu", async () => {
			// Before the first count, what is shown says nothing yet.
			seen ??= await update(item, deps);
			await showMenu(seen);
		}),
		deps.memory.onDidChange(() => updateSoon()),
		deps.memory.onDidAsk(() => updateSoon()),
		deps.watch.onDidChange(() => updateSoon()),
		vscode.window.onDidChangeActiveTextEditor(() => updateSoon()),
		{ dispose: () => clearTimeout(timer) },
	);
}

interface Seen {
	readonly shown: StatusBarText;
	/** Undefined: the memory cannot be opened. */
	readonly status: MemoryStatus | undefined;
	/** Memories that wait for review. */
	readonly waiting: number;
}

async function update(item: StatusBarItem, deps: Deps): Promise<Seen> {
	const { memory, currentProject, watch, log } = deps;
	let seen: Seen;
	let about: string | Tooltip;
	try {
		const project = await currentProject();
		const opened = await memory.get();
		const status = await opened.status(project);
		// What a team's server that is away has counted, nobody knows.
		const isAway = status.teamServer !== undefined && status.away?.problem !== undefined;
		const traffic = isAway ? [] : byHost(await opened.usage(trafficDays));
		const shown = statusBarText({ status, checks: watch.checks, checking: watch.checking });
		seen = { shown, status, waiting: await opened.review.count() };
		const { checks } = watch;
		about = {
			paragraphs: paragraphs(status, traffic, project?.name, shown, checks),
			links: entriesOf(seen).map(({ command, label }) => [command, label]),
		};
	} catch (error) {
		const text = inSettings(errorText(error));
		log.error(text);
		const shown = needsToken(error) ? refusedText(text) : unavailableText(text);
		seen = { shown, status: undefined, waiting: 0 };
		about = text;
	}
	const { state, icon, text, label } = seen.shown;
	const color = { unavailable: "error", refused: "error", away: "warning", failing: "warning" }[
		state as string
	];
	item.show({
		icon,
		text,
		tooltip: about,
		label: `${inSettings(label)} ${vscode.l10n.t("Show menu.")}`,
		background: color && `statusBarItem.${color}Background`,
	});
	return seen;
}

function entriesOf(seen: Seen): readonly MenuEntry[] {
	const entries = menuOf(seen).flatMap((group) => group.entries);
	return [...new Map(entries.map((entry) => [entry.command, entry])).values()];
}

async function showMenu(seen: Seen): Promise<void> {
	const rows = menuOf(seen).flatMap(({ title, entries }): readonly (Item & Partial<MenuEntry>)[] => [
		{ label: title, kind: vscode.QuickPickItemKind.Separator },
		...entries.map(({ description, ...entry }) => ({
			...entry,
			...(description === undefined ? {} : { description: inSettings(description) }),
		})),
	]);
	const placeHolder = vscode.l10n.t("What would you like to do?");
	const chosen = await pick(rows, { title: "Mem0", placeHolder });
	if (chosen?.command) await vscode.commands.executeCommand(chosen.command);
}

function paragraphs(
	{ counts, pending, database, llm, embedding, keptAsText, outsideSpace, remarks, teamServer }: MemoryStatus,
	traffic: readonly HostTraffic[],
	project: string | undefined,
	{ state, problem }: StatusBarText,
	checks: Deps["watch"]["checks"],
): readonly Markdown[] {
	const isOnServer = teamServer !== undefined;
	const local = !isOnServer && !llm && embedding.origin === "";
	const elsewhere = counts.all - counts.global - counts.project;
	const here = counted(counts.global + counts.project);
	const lines: readonly (Markdown | "" | false | undefined)[] = [
		project
			? markdownOf(
					vscode.l10n.t("**Mem0** finds {0} here: {1} global, {2} of {3}."),
					here,
					counts.global,
					counts.project,
					project,
				)
			: markdownOf(vscode.l10n.t("**Mem0** finds {0} here: {1} global."), here, counts.global),
		elsewhere > 0 && markdownOf(vscode.l10n.t("Other projects have {0}."), counted(elsewhere)),
		problem && markdown`$(warning) **${stateWord(state, isOnServer)}**: ${inSettings(problem)}`,
		isOnServer &&
			markdownOf(
				vscode.l10n.t("What you save and search for goes to the team's server {0}. Its models:"),
				database,
			),
		pending.embedding > 0 &&
			markdown`${plural(pending.embedding, vscode.l10n.t("# is not embedded yet; searches find it by its words."), vscode.l10n.t("# are not embedded yet; searches find them by their words."))}`,
		pending.distillation > 0 &&
			markdown`${plural(pending.distillation, vscode.l10n.t("# is not distilled yet; searches find its full text."), vscode.l10n.t("# are not distilled yet; searches find their full texts."))}`,
		keptAsText > 0 &&
			markdown`${plural(keptAsText, vscode.l10n.t("# is kept word for word, because no facts could be made of it."), vscode.l10n.t("# are kept word for word, because no facts could be made of them."))}`,
		outsideSpace > 0 &&
			markdown`${plural(outsideSpace, vscode.l10n.t("# is of an earlier embedding model; searches find it by its words only."), vscode.l10n.t("# are of an earlier embedding model; searches find them by their words only."))} ${isOnServer ? vscode.l10n.t("Whoever runs the server can embed them again.") : vscode.l10n.t("Run Mem0: Re-embed Memories.")}`,
		...remarks.map((remark) => markdown`${remark}`),
		llm && markdownOf(vscode.l10n.t("Facts by {0}: {1}."), llm.description, roleLine(llm, checks.chat)),
		local
			? markdownOf(vscode.l10n.t("Embeddings by {0}; nothing is sent anywhere."), embedding.description)
			: embedding.origin
				? markdownOf(
						vscode.l10n.t("Embeddings by {0}: {1}."),
						embedding.description,
						roleLine(embedding, checks.embedding),
					)
				: markdownOf(vscode.l10n.t("Embeddings by {0}."), embedding.description),
		traffic.length > 0 &&
			markdownOf(vscode.l10n.t("Requests in {0} days: {1}."), trafficDays, trafficLine(traffic)),
		!isOnServer && markdownOf(vscode.l10n.t("Database: {0}"), database),
	];
	return lines.filter((line): line is Markdown => Boolean(line));
}
