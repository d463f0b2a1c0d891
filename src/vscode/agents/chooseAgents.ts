import { homedir } from "node:os";
import * as vscode from "vscode";
import type { Client, Places, ServerEntry } from "../../agents/client.ts";
import { clients } from "../../agents/clients/index.ts";
import { ConfigFileError } from "../../agents/configFile.ts";
import { type ConnectionState, inspect } from "../../agents/connections.ts";
import { type FolderFile, folderFileNames } from "../../agents/instructions/folderFileNames.ts";
import { disconnectSteps, type Step, type Wishes } from "../../agents/steps.ts";
import { type Item, pickSeveral } from "../ui.ts";

/** Where agents' files are: this machine, and the folder, if its files may be written. */
export interface Surroundings {
	readonly places: Places;
	/** The folder's name. */
	readonly folder: string | undefined;
	/** What a person should know of where the files are, and which are not offered. */
	readonly remark: string;
}

interface Row extends Item {
	readonly client?: Client;
	readonly state?: ConnectionState | "unreadable";
}

const words: Readonly<Record<ConnectionState, string>> = {
	connected: vscode.l10n.t("connected"),
	stale: vscode.l10n.t("connected, but out of date"),
	foreign: vscode.l10n.t("has another server of this name, which is left alone"),
	missing: vscode.l10n.t("not connected"),
	absent: vscode.l10n.t("not found"),
};

/** @returns undefined if the person left the question. */
export async function chooseToConnect(
	{ places, folder, remark }: Surroundings,
	entry: ServerEntry,
	only?: string,
): Promise<Wishes | undefined> {
	const rows = await rowsOf(places, entry, folder !== undefined);
	const found = rows.filter(({ state, client }) => state !== "absent" && !client?.onlyWhenNamed);
	const rest = rows.filter((row) => !found.includes(row));
	const isDue = ({ state, client }: Row) =>
		only === undefined ? state === "missing" || state === "stale" : client?.id === only;
	const chosen = await pickSeveral<Row>(
		[
			...found.map((row) => ({ ...row, picked: isDue(row) })),
			separator(vscode.l10n.t("If you choose it")),
			...rest
				.filter(({ client }) => client?.onlyWhenNamed)
				.map((row) => ({ ...row, picked: isDue(row) && only !== undefined })),
			separator(vscode.l10n.t("Not found")),
			...rest.filter(({ client }) => !client?.onlyWhenNamed),
		],
		{
			title: vscode.l10n.t("Connect agents ({0}/{1})", 1, 2),
			placeHolder: `${vscode.l10n.t("Which agents get this memory?")} ${remark}`.trim(),
		},
	);
	const chosenClients = chosen?.flatMap(({ client }) => client ?? []);
	return chosenClients && chooseExtras(chosenClients, folder);
}

async function chooseExtras(
	chosen: readonly Client[],
	folder: string | undefined,
): Promise<Wishes | undefined> {
	const readers = chosen.filter(({ instructions }) => instructions).map(({ name }) => name);
	const items: (Item & { readonly extra?: "hooks" | "instructions" | FolderFile })[] = [];
	if (readers.length > 0)
		items.push({
			label: vscode.l10n.t("Skill and instructions"),
			description: vscode.l10n.t("when to search and when to save, in files of their own"),
			detail: vscode.l10n.t("For {0}", readers.join(", ")),
			picked: true,
			extra: "instructions",
		});
	const hooking = chosen.filter(({ hooks }) => hooks);
	if (hooking.length > 0)
		items.push({
			label: vscode.l10n.t("Hooks"),
			description: vscode.l10n.t("tell agents what is remembered, without being asked"),
			detail: vscode.l10n.t("For {0}", hooking.map(({ name }) => name).join(", ")),
			extra: "hooks",
		});
	if (folder !== undefined) {
		items.push(separator(vscode.l10n.t("In the folder {0}", folder)));
		for (const name of folderFileNames)
			items.push({
				label: name,
				description: name.endsWith(".mdc")
					? vscode.l10n.t("a rule for Cursor")
					: vscode.l10n.t("a block of instructions; the rest stays"),
				extra: name,
			});
	}
	const extras =
		items.length === 0
			? []
			: await pickSeveral(items, {
					title: vscode.l10n.t("Connect agents ({0}/{1})", 2, 2),
					placeHolder: vscode.l10n.t("What else? You see every change before it is written"),
				});
	return (
		extras && {
			clients: chosen,
			hooks: extras.some(({ extra }) => extra === "hooks"),
			instructions: extras.some(({ extra }) => extra === "instructions"),
			folderFiles: folderFileNames.filter((name) => extras.some(({ extra }) => extra === name)),
		}
	);
}

/** @returns the steps that take out what was chosen; undefined if the person left the question, or if there is nothing. */
export async function chooseToDisconnect(
	{ places, folder, remark }: Surroundings,
	entry: ServerEntry,
	sayNothing: () => void,
): Promise<readonly Step[] | undefined> {
	const rows = await rowsOf(places, entry, folder !== undefined);
	const ofClients = rows.map(async (row) => {
		const { client, state = "absent" } = row;
		if (!client) return [];
		const known = ["connected", "stale", "unreadable"].includes(state);
		return known || (await changeSomething(await disconnectSteps([client], places, []))) ? [row] : [];
	});
	const ofFolder = (folder === undefined ? [] : folderFileNames).map(async (name) => {
		const steps = await disconnectSteps([], places, [name]);
		return (await changeSomething(steps))
			? [{ label: name, description: vscode.l10n.t("in the folder {0}", folder ?? ""), name }]
			: [];
	});
	const items: (Row & { readonly name?: FolderFile })[] = (
		await Promise.all([...ofClients, ...ofFolder])
	).flat();
	if (items.length === 0) return sayNothing() as undefined;
	const question = vscode.l10n.t("Which agents lose this memory? The memories stay.");
	const placeHolder = `${question} ${remark}`.trim();
	const chosen = await pickSeveral(items, { title: vscode.l10n.t("Disconnect agents"), placeHolder });
	return (
		chosen &&
		disconnectSteps(
			chosen.flatMap(({ client }) => client ?? []),
			places,
			chosen.flatMap(({ name }) => name ?? []),
		)
	);
}

async function changeSomething(steps: readonly Step[]): Promise<boolean> {
	const changes = steps.map(({ plan }) =>
		plan().then(
			({ diff }) => diff !== "",
			(error: unknown) => {
				if (error instanceof ConfigFileError) return false;
				throw error;
			},
		),
	);
	return (await Promise.all(changes)).includes(true);
}

function rowsOf(places: Places, entry: ServerEntry, withFolder: boolean): Promise<Row[]> {
	const offered = clients.filter(({ id }) => withFolder || id !== "workspace");
	return Promise.all(
		offered.map(async (client): Promise<Row> => {
			const { name: label, remark } = client;
			const file = withTilde(client.file(places));
			try {
				const state = await inspect(client, places, entry);
				const detail = remark === undefined ? file : `${file}. ${remark}`;
				return { client, state, label, description: words[state], detail };
			} catch (error) {
				if (!(error instanceof ConfigFileError)) throw error;
				const detail = withTilde(error.message);
				return { client, state: "unreadable", label, description: vscode.l10n.t("cannot be read"), detail };
			}
		}),
	);
}

/** The home folder in short: names of persons and long paths are of no use in a list. */
export function withTilde(text: string): string {
	const home = homedir();
	return text.startsWith(home) ? `~${text.slice(home.length)}` : text;
}

function separator(label: string): Item {
	return { label, kind: vscode.QuickPickItemKind.Separator };
}
