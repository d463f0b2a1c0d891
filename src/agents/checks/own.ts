import type { tryReadConfig } from "../../config/config.ts";
import { storePlace } from "../../store/stores.ts";
import type { ClientUse } from "../../store/usage.ts";
import type { Places, ServerEntry } from "../client.ts";
import { usesIn } from "../lastUse.ts";
import type { Own } from "./connection.ts";

/** Where this program runs. Default: on this machine, outside VS Code. */
type Surroundings = Partial<Omit<Own, "version" | "entry" | "memory" | "uses" | "side">> & {
	readonly side?: string | undefined;
};

export function ownOf(
	{ config }: Pick<ReturnType<typeof tryReadConfig>, "config">,
	version: string,
	entry: ServerEntry,
	{ env: { WSL_DISTRO_NAME: wsl } }: Pick<Places, "env">,
	{ inVscode = false, side, elsewhere, ...more }: Surroundings = {},
): Own {
	let uses: Promise<readonly ClientUse[]> | undefined;
	return {
		version,
		entry,
		memory: config && {
			database: storePlace(config),
			user: config.teamServer ? undefined : config.userId,
		},
		uses:
			config &&
			(() => {
				uses ??= usesIn(config);
				return uses;
			}),
		side: wsl ? `WSL (${wsl})` : (side ?? "this machine"),
		elsewhere: wsl ? "Windows" : elsewhere,
		inVscode,
		...more,
	};
}
