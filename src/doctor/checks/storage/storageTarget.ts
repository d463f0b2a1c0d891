import { existsSync } from "node:fs";
import type { Config } from "../../../config/config.ts";
import type { ChatModel } from "../../../endpoints/chatModel.ts";
import type { Bundles } from "../../../memory/openMemory.ts";
import { type Inspection, inspectConfiguredStore, storeLocation } from "../../../store/stores.ts";
import type { EmbeddingSpace } from "../../../vectors/embeddingSpace.ts";
import { openSetting } from "../../fixes.ts";
import type { Run } from "../../target.ts";

export interface StorageOptions {
	readonly config: Config;
	readonly run: Pick<Run, "deadline" | "signal">;
	/** The embedding model's; undefined if its vectors were not measured. */
	readonly space: EmbeddingSpace | undefined;
	/** For the round trip; without them, there is none. */
	readonly bundles: Bundles | undefined;
	readonly hostModel: ChatModel | undefined;
	/** Whether the checks of a model have failed. */
	readonly modelsFail: boolean;
}

/** The memory that is examined. */
export class StorageTarget {
	readonly options: StorageOptions;
	readonly folder: string;
	readonly file: string;
	#inspection: Promise<Inspection> | undefined;

	constructor(options: StorageOptions) {
		this.options = options;
		this.folder = options.config.memoryDir;
		this.file = storeLocation(options.config);
	}

	get hasDatabase(): boolean {
		return existsSync(this.file);
	}

	/** Reads the database through once, for all checks. */
	inspect(): Promise<Inspection> {
		const { config, run, space } = this.options;
		this.#inspection ??= inspectConfiguredStore(config, { ...run, space });
		return this.#inspection;
	}
}

export const openDirectory = openSetting("MEMORY_DIR", "Choose another folder in MEMORY_DIR");
