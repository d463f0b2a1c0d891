import type { Config } from "../config/config.ts";
import { withPassword, withToken } from "../memory/borrowedSecrets.ts";
import { hasDatabase, openConfiguredStore } from "../store/stores.ts";
import type { ClientUse } from "../store/usage.ts";
import { ageOf } from "../text/wording.ts";
import type { Client } from "./client.ts";

/** How clients call themselves, where it is not by their id. */
const names: Readonly<Record<string, RegExp>> = {
	vscode: /visual studio code|vscode/,
	workspace: /^$/,
	claude: /claude-?code/,
	"claude-desktop": /claude-ai|claude desktop/,
	junie: /junie|jetbrains|intellij/,
};

/** What a client did with the memory, under all its names. */
export function useOf({ id }: Client, uses: readonly ClientUse[]): Pick<ClientUse, "lastRead" | "lastWrote"> {
	const own = uses.filter(({ client }) => {
		const name = client.toLowerCase();
		return names[id]?.test(name) ?? name.includes(id);
	});
	const last = (times: readonly (number | undefined)[]) =>
		times.filter((time) => time !== undefined).sort((a, b) => b - a)[0];
	const [lastRead, lastWrote] = [last(own.map((use) => use.lastRead)), last(own.map((use) => use.lastWrote))];
	return { ...(lastRead ? { lastRead } : {}), ...(lastWrote ? { lastWrote } : {}) };
}

/** "last read 2 hours ago, never wrote"; undefined for one that did neither. */
export function useInWords({ lastRead, lastWrote }: Pick<ClientUse, "lastRead" | "lastWrote">) {
	if (lastRead === undefined && lastWrote === undefined) return undefined;
	const word = (did: string, at: number | undefined) => (at ? `last ${did} ${ageOf(at)}` : `never ${did}`);
	return `${word("read", lastRead)}, ${word("wrote", lastWrote)}`;
}

/** ms to wait for a team's server: what it says stands beside more important things. */
const patience = 5000;

/** Who uses the memory. @throws StoreError */
export async function usesIn(config: Config): Promise<readonly ClientUse[]> {
	const server = withToken(config);
	if (server) {
		const { createTeamClient } = await import("../memory/remote/teamClient.ts");
		return createTeamClient(server).call("uses.clients", [], { timeout: patience });
	}
	if (!hasDatabase(config)) return [];
	const { store } = await openConfiguredStore(withPassword(config), {
		chat: undefined,
		embedding: undefined,
	});
	try {
		return await store.usage.clients(config.userId);
	} finally {
		await store.close();
	}
}
