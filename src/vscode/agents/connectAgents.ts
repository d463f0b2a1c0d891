import { homedir } from "node:os";
import * as vscode from "vscode";
import { apply, type Change } from "../../agents/change.ts";
import { ConfigFileError } from "../../agents/configFile.ts";
import { readAgentTexts } from "../../agents/instructions/texts.ts";
import { writeLauncher } from "../../agents/launcher.ts";
import { entryOfVscode } from "../../agents/ownEntry.ts";
import { thisMachine } from "../../agents/places.ts";
import { connectSteps, type Step } from "../../agents/steps.ts";
import { plural } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { flash, notify, withProgress } from "../ui.ts";
import { chooseToConnect, chooseToDisconnect, type Surroundings, withTilde } from "./chooseAgents.ts";
import { ChangeReview } from "./reviewChanges.ts";
import { writeSettingsFile } from "./settingsFile.ts";
import { sideRemark } from "./side.ts";

/** Whether the person wants the change written that is shown. */
type Decided = vscode.Event<boolean>;

/** `Mem0: Connect Agents…` @param only the id of the client to begin with; without it, those that are not connected. */
export async function connectAgents(deps: Deps, decided: Decided, only?: string): Promise<void> {
	const { context } = deps;
	const surroundings = surroundingsOf(context);
	const entry = await entryOfVscode(surroundings.places);
	const wishes = await chooseToConnect(surroundings, entry, only);
	if (!wishes) return;
	const texts = await readAgentTexts(vscode.Uri.joinPath(context.extensionUri, "media").fsPath);
	const steps = await connectSteps(wishes, surroundings.places, { entry, texts });
	await carryOut(deps, decided, steps, {
		done: (names) =>
			vscode.l10n.t(
				"Connected: {0}. Restart them, or begin a new session, to use the memory.",
				names.join(", "),
			),
		nothing: vscode.l10n.t("Nothing to do: what you chose is connected already."),
		prepare: async () => {
			await writeSettingsFile(context);
			await writeLauncher(vscode.Uri.joinPath(context.extensionUri, "dist", "server.js").fsPath);
		},
	});
}

/** `Mem0: Disconnect Agents…` */
export async function disconnectAgents(deps: Deps, decided: Decided): Promise<void> {
	const surroundings = surroundingsOf(deps.context);
	const entry = await entryOfVscode(surroundings.places);
	const nothing = vscode.l10n.t("No agent is connected.");
	const steps = await chooseToDisconnect(surroundings, entry, () => flash(nothing));
	if (steps)
		await carryOut(deps, decided, steps, {
			done: (names) =>
				vscode.l10n.t("Disconnected: {0}. They keep the memory until they are restarted.", names.join(", ")),
			nothing: vscode.l10n.t("Nothing to do."),
			prepare: async () => undefined,
		});
}

function surroundingsOf({ extension, globalStorageUri }: vscode.ExtensionContext): Surroundings {
	const active = vscode.window.activeTextEditor?.document.uri;
	const { workspaceFolders: [first] = [], isTrusted } = vscode.workspace;
	const open = (active && vscode.workspace.getWorkspaceFolder(active)) ?? first;
	// Where the extension runs on the other side of a remote window, the folder is not on this machine.
	const folder = isTrusted && open?.uri.scheme === "file" ? open : undefined;
	return {
		places: {
			...thisMachine(folder?.uri.fsPath ?? homedir()),
			vscodeUser: vscode.Uri.joinPath(globalStorageUri, "..", "..").fsPath,
		},
		folder: folder?.name,
		remark: sideRemark({
			remote: vscode.env.remoteName,
			besideWindow: extension.extensionKind === vscode.ExtensionKind.UI,
			inBrowser: vscode.env.uiKind === vscode.UIKind.Web,
			untrustedFolder: open !== undefined && !isTrusted,
		}),
	};
}

interface Course {
	/** What was done, and what a person does next. */
	readonly done: (names: readonly string[]) => string;
	readonly nothing: string;
	/** Runs before the first change is made. */
	readonly prepare: () => Promise<void>;
}

interface Outcome {
	/** Names, each once. */
	readonly done: Set<string>;
	readonly problems: string[];
	skipped: number;
}

/** Shows each change, makes those that the person accepts, and reports. */
async function carryOut(
	{ log }: Deps,
	decided: Decided,
	steps: readonly Step[],
	course: Course,
): Promise<void> {
	const outcome: Outcome = { done: new Set(), problems: [], skipped: 0 };
	const due = await dueSteps(steps, outcome);
	if (due.length > 0)
		await withProgress("Mem0", (report, signal) => review(due, course, decided, outcome, report, signal));
	const { done, problems, skipped } = outcome;
	for (const problem of problems) log.warn(problem);
	const said = [
		done.size > 0 ? course.done([...done]) : "",
		skipped > 0
			? plural(
					skipped,
					vscode.l10n.t("# change was not written."),
					vscode.l10n.t("# changes were not written."),
				)
			: "",
		...problems.map(withTilde),
	].filter(Boolean);
	if (said.length === 0) flash(course.nothing);
	else if (problems.length === 0) void notify.info(said.join(" "));
	else if (await notify.warn(said.join(" "), vscode.l10n.t("Show Log"))) log.show();
}

/** The steps that change something, or fail. */
async function dueSteps(steps: readonly Step[], outcome: Outcome): Promise<Step[]> {
	const due: Step[] = [];
	for (const step of steps) if ((await planned(step, outcome))?.diff) due.push(step);
	return due;
}

async function planned({ what, plan }: Step, { problems }: Outcome): Promise<Change | undefined> {
	try {
		return await plan();
	} catch (error) {
		if (!(error instanceof ConfigFileError)) throw error;
		problems.push(`${what}: ${withTilde(error.message)}`);
		return undefined;
	}
}

async function review(
	due: readonly Step[],
	{ prepare }: Course,
	decided: Decided,
	outcome: Outcome,
	report: (message: string) => void,
	signal: AbortSignal,
): Promise<void> {
	const changes = new ChangeReview(decided);
	const modifier = process.platform === "darwin" ? "Cmd" : vscode.l10n.t("Ctrl");
	try {
		for (const [index, step] of due.entries()) {
			const change = await planned(step, outcome);
			// An earlier step changed the same file.
			if (!change?.diff) continue;
			report(
				vscode.l10n.t(
					"{0} of {1}: {2}, {3}. Write it with {4}+Enter, or skip it with {4}+Backspace; the buttons above the diff do the same.",
					index + 1,
					due.length,
					step.what,
					withTilde(change.file),
					modifier,
				),
			);
			const written = !signal.aborted && (await changes.ask(step.what, change, signal));
			if (!written) {
				outcome.skipped += 1;
				continue;
			}
			if (outcome.done.size === 0) await prepare();
			await apply(change).then(
				() => outcome.done.add(step.name),
				(error: unknown) => {
					if (!(error instanceof ConfigFileError)) throw error;
					outcome.problems.push(`${step.what}: ${withTilde(error.message)}`);
				},
			);
		}
	} finally {
		changes.dispose();
	}
}
