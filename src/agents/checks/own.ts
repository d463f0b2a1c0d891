import type { tryReadConfig } from "../../config/config.ts";
import { storeLocation } from "../../store/stores.ts";
import type { Places } from "../client.ts";
import type { Own } from "./connection.ts";

/** Where this program runs. */
interface Surroundings {
	readonly inVscode?: boolean;
	readonly side?: string | undefined;
	readonly elsewhere?: string | undefined;
}

export function ownOf(
	{ config }: Pick<ReturnType<typeof tryReadConfig>, "config">,
	version: string,
	{ env: { WSL_DISTRO_NAME: wsl } }: Pick<Places, "env">,
	{ inVscode = false, side, elsewhere }: Surroundings = {},
): Own {
	return {
		version,
		memory: config && { database: storeLocation(config), user: config.userId },
		side: wsl ? `WSL (${wsl})` : (side ?? "this machine"),
		elsewhere: wsl ? "Windows" : elsewhere,
		inVscode,
	};
}
