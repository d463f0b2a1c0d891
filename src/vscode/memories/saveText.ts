import * as vscode from "vscode";
import { errorText } from "../../memory/errorText.ts";
import { placeInFile } from "../../memory/originText.ts";
import type { SaveRequest, SaveResult } from "../../memory/requests.ts";
import { inSettings } from "../../settings/settingNames.ts";
import type { Origin, Project } from "../../store/types.ts";
import { counted, shortened } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { needsToken, offerToken, runForUser } from "../runForUser.ts";
import { flash, type Item, notify, pick, whileWorking } from "../ui.ts";

/** Where a memory applies; without a project, everywhere. */
interface Place {
	readonly project?: Project;
}

/** The place of the last save, in the state of the workspace: a project's id, or this word. */
const lastPlace = "lastPlaceOfSave";
const everywhere = "everywhere";

/**
 * Asks where a text applies, saves it, and tells so.
 * @param from the file and the lines that it comes from.
 * @returns whether it is saved; the caller keeps it if not.
 */
export async function saveText(
	deps: Deps,
	text: string,
	from: Pick<Origin, "file" | "lines"> = {},
): Promise<boolean> {
	const current = await deps.currentProject();
	const place = await choosePlace(deps);
	if (!place) return false;
	const { project } = place;
	const folder = project ?? current;
	const origin = {
		how: "command",
		client: vscode.env.appName,
		clientVersion: vscode.version,
		...(folder ? { folder: folder.name } : {}),
		...from,
	} as const;
	const request = { text, scope: project ? "project" : "global", project, origin };
	const saved = await saveWithRetry(deps, request);
	if (saved) void tell(deps, saved, place, from);
	return saved !== undefined;
}

async function tell(
	deps: Deps,
	{ memories, note }: SaveResult,
	{ project }: Place,
	from: Pick<Origin, "file" | "lines">,
): Promise<void> {
	const added = memories.filter(({ event }) => event !== "DUPLICATE");
	const [first = memories[0]] = added;
	if (!first) return;
	const text = `“${shortened(first.text)}”`;
	if (added.length === 0) return flash(vscode.l10n.t("Already saved: {0}", text));
	const file = placeInFile(from);
	const parts = [
		added.length === 1
			? vscode.l10n.t("Saved {0}", text)
			: vscode.l10n.t("Saved {0} facts. The first is {1}", added.length, text),
		project ? vscode.l10n.t(" in project {0}", project.name) : "",
		file ? vscode.l10n.t(", from {0}", file) : "",
	];
	const said = vscode.l10n.t("{0}.", parts.join(""));
	const message = note ? `${said} ${inSettings(note)}` : said;
	if (!(await notify.info(message, vscode.l10n.t("Undo")))) return;
	await runForUser(deps, async () => {
		const deleted = await (await deps.memory.get()).deleteAll(added.map(({ id }) => id));
		const gone = added.length - deleted.length;
		if (gone === 0) flash(vscode.l10n.t("Undone: {0} deleted", counted(deleted.length)));
		else if (deleted.length === 0)
			void notify.warn(vscode.l10n.t("There is nothing to undo: {0} is gone already.", text));
		else
			void notify.warn(
				vscode.l10n.t("Deleted {0}. {1} had gone already.", counted(deleted.length), counted(gone)),
			);
	});
}

/** A save that fails does not lose the text that was typed. */
async function saveWithRetry(deps: Deps, request: SaveRequest): Promise<SaveResult | undefined> {
	for (;;) {
		try {
			// A language model takes its time.
			return await whileWorking(vscode.l10n.t("Mem0: saving"), async () =>
				(await deps.memory.get()).save(request),
			);
		} catch (error) {
			const text = inSettings(errorText(error));
			deps.log.error(text);
			if (needsToken(error)) {
				if (await offerToken(text)) continue;
				return undefined;
			}
			const [again, copy] = [vscode.l10n.t("Try Again"), vscode.l10n.t("Copy Text")];
			const chosen = await notify.error(text, again, copy);
			if (chosen === copy) await vscode.env.clipboard.writeText(String(request.text));
			if (chosen !== again) return undefined;
		}
	}
}

/** Without a project there is nothing to choose. The choice of the last time comes first. */
async function choosePlace({ context, folderProjects }: Deps): Promise<Place | undefined> {
	const projects = await folderProjects();
	if (projects.length === 0) return {};
	const [current] = projects;
	const last = context.workspaceState.get(lastPlace, everywhere);
	const choices: readonly (Item & { readonly key: string; readonly place: Place })[] = [
		{
			label: vscode.l10n.t("Everywhere"),
			icon: "globe",
			description: vscode.l10n.t("about you, true in every project"),
			key: everywhere,
			place: {},
		},
		...projects.map((project) => ({
			label:
				project === current
					? vscode.l10n.t("This project: {0}", project.name)
					: vscode.l10n.t("Project {0}", project.name),
			icon: project === current ? "root-folder" : "folder",
			description: project.id,
			key: project.id,
			place: { project },
		})),
	];
	const sorted = choices.toSorted((a, b) => Number(b.key === last) - Number(a.key === last));
	const title = vscode.l10n.t("Save memory");
	const chosen = await pick(sorted, { title, placeHolder: vscode.l10n.t("Where does it apply?") });
	if (chosen) await context.workspaceState.update(lastPlace, chosen.key);
	return chosen?.place;
}
