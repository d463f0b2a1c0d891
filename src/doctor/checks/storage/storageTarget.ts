import { existsSync } from "node:fs";
import type { Config } from "../../../config/config.ts";
import { httpOnly, originsOf } from "../../../config/endpoints.ts";
import type { ChatModel } from "../../../endpoints/chatModel.ts";
import { withPassword } from "../../../memory/borrowedSecrets.ts";
import type { Bundles } from "../../../memory/openMemory.ts";
import {
	configuredBackups,
	type Inspection,
	inspectConfiguredServer,
	inspectConfiguredStore,
	inspectKept,
	storeLocation,
	unreadDamagedFiles,
} from "../../../store/stores.ts";
import type { EmbeddingSpace } from "../../../vectors/embeddingSpace.ts";
import { openSetting } from "../../fixes.ts";
import type { Run } from "../../run.ts";
import type { Target } from "../../target.ts";

interface StorageOptions {
	readonly config: Config;
	readonly run: Pick<Run, "deadline" | "signal">;
	/** The embedding model's; undefined if its vectors were not measured. */
	readonly space: EmbeddingSpace | undefined;
	/** The language model's endpoint, and the models that it lists. */
	readonly chat: Pick<Target, "endpoint" | "servers" | "models"> | undefined;
	/** For the round trip; without them, there is none. */
	readonly bundles: Bundles | undefined;
	readonly hostModel: ChatModel | undefined;
	/** Whether the checks of a model have failed. */
	readonly modelsFail: boolean;
}

export type StorageTarget = ReturnType<typeof createStorageTarget>;

/** The memory that is examined. */
export function createStorageTarget(options: StorageOptions) {
	const { config, run, space } = options;
	const file = storeLocation(config);
	let server: ReturnType<typeof inspectConfiguredServer> | undefined;
	let inspection: Promise<Inspection> | undefined;
	return {
		...options,
		file,
		damagedFiles: unreadDamagedFiles(config),
		/** Of the file. */
		get backups() {
			return configuredBackups(config);
		},
		get hasDatabase() {
			return existsSync(file);
		},
		/** Looks at the server of PostgreSQL once, for all checks. @throws StoreError */
		inspectServer: () => {
			const { database } = withPassword(config);
			if (!database) throw new TypeError("DATABASE_URL is not set.");
			// What hangs, at whatever step, is a finding within the time that a check may take.
			server ??= inspectConfiguredServer({
				...database,
				poolTimeout: Math.min(database.poolTimeout, run.deadline),
				answerTimeout: run.deadline,
			});
			return server;
		},
		keptFor: "the database",
		inspectKept: () => inspectKept(config),
		/** Reads the database through once, for all checks. */
		inspect: () => {
			inspection ??= inspectConfiguredStore(config, {
				...run,
				userId: config.userId,
				space,
				destination: originOfChat(config),
			});
			return inspection;
		},
	};
}

/** As memory/openMemory.ts has it. */
function originOfChat({ llm }: Config): string {
	const http = httpOnly(llm);
	return http ? originsOf(http) : "";
}

export const openDirectory = openSetting("MEMORY_DIR", "Choose another folder in MEMORY_DIR");
