import * as vscode from "vscode";
import { oneLine } from "../../../text/inert.ts";
import { ageOf } from "../../../text/wording.ts";
import type { Deps } from "../../deps.ts";
import { runForUser } from "../../runForUser.ts";
import { flash, type Item, notify, pickSeveral } from "../../ui.ts";
import { fileName } from "./memoryUri.ts";
import { type Version, versionsOf } from "./versions.ts";

/** Read-only: `mem0-version:/<id>/<number>/<first words>.md`. */
export const versionScheme = "mem0-version";

/** *Show History*: a diff of two versions of a memory, from which one can be restored. */
export async function showHistory(deps: Deps, id: string): Promise<void> {
	const versions = await read(deps, id);
	const last = versions.at(-1);
	if (!last || versions.length < 2) return flash(vscode.l10n.t("This memory has had no other text"));
	const items = versions.toReversed().map((version) => ({ ...itemOf(version, version === last), version }));
	const chosen = await pickSeveral<Item & { readonly version: Version }>(items, {
		title: vscode.l10n.t("Show history"),
		placeHolder: vscode.l10n.t("Choose one version to compare it with the current one, or two"),
		one: true,
	});
	const numbers = chosen?.map(({ version }) => version).toSorted((a, b) => a.number - b.number) ?? [];
	const [first] = numbers;
	if (!first) return;
	// A single one, be it the current one, is compared with what it came from or has become.
	const other = numbers.at(-1) ?? last;
	const pair =
		numbers.length > 1 ? [first, other] : first === last ? [versions.at(-2) ?? first, last] : [first, last];
	await showDiff(id, pair as [Version, Version], last);
}

async function showDiff(
	id: string,
	[left, right]: readonly [Version, Version],
	last: Version,
): Promise<void> {
	const name = fileName(last.text).replace(/\.md$/, "");
	const title = `${name}: ${labelOf(left, left === last)} ↔ ${labelOf(right, right === last)}`;
	await vscode.commands.executeCommand("vscode.diff", versionUri(id, left), versionUri(id, right), title);
}

function versionUri(id: string, { number, text }: Version): vscode.Uri {
	return vscode.Uri.from({ scheme: versionScheme, path: `/${id}/${number}/${fileName(text)}` });
}

function labelOf({ number }: Version, current: boolean): string {
	return current ? vscode.l10n.t("current") : vscode.l10n.t("version {0}", number);
}

function itemOf(version: Version, current: boolean): Item {
	return {
		label: `${labelOf(version, current)} · ${ageOf(version.at)}`,
		detail: oneLine(version.text, 200),
	};
}

async function read(deps: Deps, id: string): Promise<readonly Version[]> {
	return versionsOf(await (await deps.memory.get()).history(id));
}

function placeOf({ path }: vscode.Uri): { readonly id: string; readonly number: number } {
	const [, id = "", number = ""] = path.split("/");
	return { id, number: Number(number) };
}

/** Of a diff's title bar: the older of its two versions becomes the memory's text again. */
export async function restoreVersion(deps: Deps, uri: vscode.Uri): Promise<void> {
	const active = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
	const older = active instanceof vscode.TabInputTextDiff ? active.original : uri;
	const { id, number } = placeOf(older);
	await runForUser(deps, async () => {
		const version = (await read(deps, id)).find((each) => each.number === number);
		if (!version) return;
		const memory = await deps.memory.get();
		const { text: before } = await memory.get(id);
		await memory.update(id, version.text);
		const undo = vscode.l10n.t("Undo");
		const message = vscode.l10n.t("Restored version {0}: “{1}”.", number, oneLine(version.text, 60));
		if (await notify.info(message, undo)) await runForUser(deps, () => memory.update(id, before));
	});
}

/** What the documents of versions say. */
export function versionContent(deps: Deps): vscode.TextDocumentContentProvider {
	return {
		provideTextDocumentContent: async (uri) => {
			const { id, number } = placeOf(uri);
			return (await read(deps, id)).find((version) => version.number === number)?.text ?? "";
		},
	};
}
