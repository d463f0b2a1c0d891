/**
 * The only file that hands texts to VS Code's messages, lists, tooltips and progress (beside `treeUi.ts`), so that foreign
 * text is inert in all of them. `test/support/sinks` keeps the others away.
 */
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { inLabel, inNotification, type Markdown, oneLine } from "../text/inert.ts";

type Show = <B extends string>(message: string, ...buttons: readonly B[]) => Promise<B | undefined>;

function notification(kind: "Information" | "Warning" | "Error"): Show {
	return async <B extends string>(message: string, ...buttons: readonly B[]) => {
		const items = buttons.map((button) => ({ title: inLabel(button), button }));
		const chosen = await vscode.window[`show${kind}Message`](inNotification(message), ...items);
		return chosen?.button;
	};
}

/** Notifications. The result is the button that was chosen. */
export const notify = {
	info: notification("Information"),
	warn: notification("Warning"),
	error: notification("Error"),
} as const;

/** Asks in a dialog. @returns the button that was chosen. */
export async function choose<B extends string>(
	question: string,
	detail: string | readonly string[],
	...buttons: readonly B[]
): Promise<B | undefined> {
	const options = { modal: true, detail: [detail].flat().map(inNotification).join("\n") };
	const items = buttons.map((button) => ({ title: inLabel(button), button }));
	return (await vscode.window.showWarningMessage(inNotification(question), options, ...items))?.button;
}

/** @returns whether the person chose the button. */
export const confirm = async (question: string, detail: string, button: string): Promise<boolean> =>
	(await choose(question, detail, button)) === button;

/** A message in the status bar, for as long as it takes to read it: what has succeeded. Problems and Undo are notifications. */
export function flash(message: string): void {
	vscode.window.setStatusBarMessage(inLabel(message), Math.max(3000, 60 * message.length));
}

export interface Item extends vscode.QuickPickItem {
	/** The name of an icon before the label. */
	readonly icon?: string;
}

function inert<T extends Item>(item: T): T {
	const { icon, label, description, detail } = item;
	return {
		...item,
		label: withIcon(icon, label),
		...(description === undefined ? {} : { description: inLabel(description) }),
		...(detail === undefined ? {} : { detail: inLabel(detail) }),
	};
}

function withIcon(icon: string | undefined, text: string): string {
	return icon === undefined ? inLabel(text) : `$(${icon}) ${inLabel(text)}`;
}

/**
 * Asks a question that belongs to a command under way. It stays until it is answered or left with Escape: a webview that
 * gets the focus back a moment later would otherwise close it, and what was typed before it would be lost.
 */
export async function pick<T extends Item>(
	items: readonly T[],
	options: { readonly title: string; readonly placeHolder: string },
): Promise<T | undefined> {
	const index = new Map(items.map((item) => [inert(item), item]));
	const chosen = await vscode.window.showQuickPick([...index.keys()], { ...options, ignoreFocusOut: true });
	return chosen && index.get(chosen);
}

/**
 * Like `pick`, with a box before each item. @returns undefined if the question was left.
 * @param options.one Enter without any tick takes the row that has the focus, where none would be no answer.
 */
export async function pickSeveral<T extends Item>(
	items: readonly T[],
	options: { readonly title: string; readonly placeHolder: string; readonly one?: boolean },
): Promise<readonly T[] | undefined> {
	const index = new Map(items.map((item) => [inert(item), item]));
	const shown = [...index.keys()];
	let focused: Item | string | undefined;
	const chosen = await vscode.window.showQuickPick(shown, {
		title: inLabel(options.title),
		placeHolder: inLabel(options.placeHolder),
		ignoreFocusOut: true,
		matchOnDetail: true,
		canPickMany: true,
		onDidSelectItem: (item) => {
			focused = item;
		},
	});
	const taken = options.one && chosen?.length === 0 ? shown.filter((item) => item === focused) : chosen;
	if (options.one && taken?.length === 0) flash(vscode.l10n.t("Nothing was chosen: Space ticks a row"));
	return taken?.flatMap((each) => index.get(each) ?? []);
}

export interface Picker<T extends Item> {
	readonly picker: Omit<vscode.QuickPick<T>, "items">;
	/** @param active the row that Enter takes; default: the first. */
	readonly show: (items: readonly T[], active?: T) => void;
}

/** A list that changes while a person types. */
export function createPicker<T extends Item>(): Picker<T> {
	// Not in VS Code's types, but in every version: otherwise it sorts by letters what is typed, and drops separators.
	const picker = Object.assign(vscode.window.createQuickPick<T>(), { sortByLabel: false });
	return {
		picker,
		show: (items, active) => {
			const shown = items.map(inert);
			picker.items = shown;
			const row = active && shown[items.indexOf(active)];
			if (row) picker.activeItems = [row];
		},
	};
}

export async function ask(options: vscode.InputBoxOptions): Promise<string | undefined> {
	const { title, prompt, validateInput } = options;
	return vscode.window.showInputBox({
		...options,
		...(title === undefined ? {} : { title: inLabel(title) }),
		...(prompt === undefined ? {} : { prompt: inLabel(prompt) }),
		...(validateInput === undefined
			? {}
			: {
					validateInput: async (value) => {
						const problem = await validateInput(value);
						return typeof problem === "string" ? inLabel(problem) : problem;
					},
				}),
	});
}

export interface LiveInput {
	readonly title: string;
	readonly prompt?: string;
	readonly placeHolder: string;
	readonly value: string;
	/** At every keystroke. */
	readonly changed: (value: string) => void;
	/** What is wrong with a value, which cannot be entered then. It is shown as soon as something is typed. */
	readonly problemWith?: (value: string) => string | undefined;
	readonly button?: vscode.QuickInputButton & { readonly act: () => void };
	/** With Enter; undefined when it was left with Escape. */
	readonly done: (value: string | undefined) => void;
}

/** Asks for a text that has an effect while it is typed. The focus may go elsewhere meanwhile. */
export function askLive({ title, prompt, placeHolder, value, button, ...on }: LiveInput): { close(): void } {
	const input = vscode.window.createInputBox();
	let accepted: string | undefined;
	Object.assign(input, { title: inLabel(title), placeholder: placeHolder, value, ignoreFocusOut: true });
	if (prompt !== undefined) input.prompt = inLabel(prompt);
	if (button) input.buttons = [button];
	const validate = () => {
		const problem = on.problemWith?.(input.value);
		input.validationMessage = problem === undefined ? undefined : inLabel(problem);
		return problem === undefined;
	};
	input.onDidChangeValue((typed) => {
		validate();
		on.changed(typed);
	});
	input.onDidTriggerButton(() => button?.act());
	input.onDidAccept(() => {
		if (!validate()) return;
		accepted = input.value;
		input.hide();
	});
	input.onDidHide(() => {
		input.dispose();
		on.done(accepted);
	});
	input.show();
	return { close: () => input.hide() };
}

/** ms of work that no notification is shown of. */
const progressDelay = 400;

/**
 * Shows a notification while the work goes on; with a button that aborts the signal, if the work takes it. Not of what is
 * done at once: of more than three notifications within 800 ms VS Code shows none, which would be the outcome.
 */
export async function withProgress<T>(
	title: string,
	work: (report: (message: string, increment?: number) => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
	const location = vscode.ProgressLocation.Notification;
	const options = { location, title: inNotification(title), cancellable: work.length > 1 };
	const stop = new AbortController();
	let missed: { readonly message: string; readonly increment?: number } | undefined;
	let show = (message: string, increment?: number) => {
		const sum = increment === undefined ? missed?.increment : (missed?.increment ?? 0) + increment;
		missed = sum === undefined ? { message } : { message, increment: sum };
	};
	const done = work((message, increment) => show(inNotification(message), increment), stop.signal);
	const settled = done.then(
		() => true,
		() => true,
	);
	if (await Promise.race([settled, sleep(progressDelay, false)])) return done;
	return vscode.window.withProgress(options, (progress, token) => {
		token.onCancellationRequested(() => stop.abort(new Error("cancelled")));
		// Any increment, even 0, makes a bar that stands still until the next of one that moves.
		show = (message, increment) =>
			progress.report(increment === undefined ? { message } : { message, increment });
		if (missed) progress.report(missed);
		return done;
	});
}

/**
 * Offers a command in a notification that goes when the offer no longer holds, which VS Code's messages cannot.
 * @param withdrawn aborted then. A person may close it before.
 */
export async function offer(
	message: string,
	[command, label]: readonly [command: string, label: string],
	withdrawn: AbortSignal,
): Promise<void> {
	const location = vscode.ProgressLocation.Notification;
	const title = `${inNotification(message)} [${label}](command:${command})`;
	await vscode.window.withProgress({ location, title, cancellable: true }, (progress, closed) => {
		// Without an increment, VS Code would show that something goes on.
		progress.report({ increment: 0 });
		return new Promise<void>((done) => {
			closed.onCancellationRequested(() => done());
			withdrawn.addEventListener("abort", () => done(), { once: true });
		});
	});
}

/** Shows a text in the status bar while the work goes on. */
export function whileWorking<T>(title: string, work: () => Promise<T>): Thenable<T> {
	return vscode.window.withProgress(
		{ location: vscode.ProgressLocation.Window, title: inLabel(title) },
		work,
	);
}

export interface Tooltip {
	readonly paragraphs: readonly Markdown[];
	/** Below them. Only these commands can be run from it. */
	readonly links: readonly (readonly [command: string, label: string])[];
}

function tooltipText({ paragraphs, links }: Tooltip): vscode.MarkdownString {
	const line = links.map(([command, label]) => `[${label}](command:${command})`).join(" · ");
	const text = new vscode.MarkdownString([...paragraphs, line].join("\n\n"), true);
	text.isTrusted = { enabledCommands: links.map(([command]) => command) };
	return text;
}

export interface StatusBarContent {
	readonly icon: string;
	readonly text: string;
	/** For a screen reader. */
	readonly label?: string;
	readonly tooltip: string | Tooltip;
	/** The name of a color of VS Code. */
	readonly background?: string | undefined;
}

export type StatusBarItem = ReturnType<typeof createStatusBarItem>;

export function createStatusBarItem(id: string, name: string, command: string, content: StatusBarContent) {
	const item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Right, 90);
	item.name = name;
	item.command = command;
	const show = ({ icon, text, label, tooltip, background }: StatusBarContent) => {
		item.text = withIcon(icon, text);
		item.tooltip = typeof tooltip === "string" ? oneLine(tooltip) : tooltipText(tooltip);
		item.backgroundColor = background === undefined ? undefined : new vscode.ThemeColor(background);
		const said = label && oneLine(label);
		// Set only when it changes: a screen reader reads it out each time.
		if (said && item.accessibilityInformation?.label !== said)
			item.accessibilityInformation = { label: said };
	};
	show(content);
	item.show();
	return { show, dispose: () => item.dispose() };
}
