import * as vscode from "vscode";
import { tryReadConfig } from "../../config/config.ts";
import type { Environment } from "../../config/variables.ts";
import { moveStore } from "../../memory/transfer/moving.ts";
import { databaseHost } from "../../settings/keys/databasePassword.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import { hasDatabase, openConfiguredStore, type StoreConfig } from "../../store/stores.ts";
import { counted } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { confirm, notify, withProgress } from "../ui.ts";
import { hostEnvironment } from "./hostEnvironment.ts";

/** A copy asks no model. */
const nowhere = { chat: undefined, embedding: undefined };

/**
 * Copies the memories of this machine's folder into the team's database, after a question that names both. Deletes
 * nothing; a second run adds what is missing.
 * @param env the edited values with the database's password.
 */
export async function copyMemories({ log }: Deps, env: Environment): Promise<void> {
	const { config } = tryReadConfig(env, hostEnvironment());
	if (!config?.database) return;
	const { memoryDir, backups, database } = config;
	const source: StoreConfig = { memoryDir, backups };
	if (!hasDatabase(source)) {
		void notify.info(vscode.l10n.t("There are no memories in {0}.", memoryDir));
		return;
	}
	const opened: MemoryStore[] = [];
	const open = async (place: StoreConfig) => {
		const { store, notice } = await openConfiguredStore(place, nowhere);
		opened.push(store);
		if (notice) log.warn(notice);
		return store.copying;
	};
	try {
		const from = await open(source);
		const host = databaseHost(database);
		const all = counted(await from.count("memories"));
		const agreed = await confirm(
			vscode.l10n.t("Copy {0} to {1}?", all, host),
			vscode.l10n.t(
				"Texts, history and vectors go to the database {0} there, including those of deleted memories and of all users. Its administrators can read them. Nothing is removed from {1}.",
				database.database,
				memoryDir,
			),
			vscode.l10n.t("Copy"),
		);
		if (!agreed) return;
		const title = vscode.l10n.t("Copying memories to {0}", host);
		const { isComplete, memories, rows } = await withProgress(title, async (report, signal) =>
			moveStore({
				from,
				to: await open({ memoryDir, database }),
				trial: false,
				signal,
				progress: (_, done, total) => report(vscode.l10n.t("{0} of {1}", done, total)),
			}),
		);
		const { kept } = rows.memories;
		const others =
			kept > 0 ? ` ${vscode.l10n.t("Changed there since, and left as they are there: {0}.", kept)}` : "";
		if (isComplete)
			void notify.info(
				`${vscode.l10n.t("{0} has everything that was here: {1}.", host, counted(memories))}${others}`,
			);
		else
			void notify.warn(
				vscode.l10n.t("Not all is copied yet. What is copied stays; copy again to go on with the rest."),
			);
	} finally {
		for (const store of opened) await store.close();
	}
}
