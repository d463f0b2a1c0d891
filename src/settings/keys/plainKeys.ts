import { headersIn, type SettingVariable, type Values } from "../values.ts";
import { type BoundKey, type KeyVariable, type KnownServers, keySlots, slotOf } from "./boundKeys.ts";

/** Settings that do not exist, but into which people put keys. */
const wouldBeSettings = {
	"llm.apiKey": "LLM_API_KEY",
	"embedding.apiKey": "EMBEDDING_API_KEY",
	apiKey: "LLM_API_KEY",
	LLM_API_KEY: "LLM_API_KEY",
	EMBEDDING_API_KEY: "EMBEDDING_API_KEY",
	"teamServer.token": "TEAM_SERVER_TOKEN",
	TEAM_SERVER_TOKEN: "TEAM_SERVER_TOKEN",
} as const satisfies Readonly<Record<string, KeyVariable>>;

export const wouldBeKeySettings: readonly string[] = Object.keys(wouldBeSettings);

/** A key in settings.json as plain text. */
export interface PlainKey {
	/** The setting without its prefix, and the name of a header. */
	readonly place: string;
	readonly key: BoundKey;
	/** How to take it out of settings.json. */
	readonly removal:
		| { readonly setting: string }
		| { readonly variable: SettingVariable; readonly value: string | undefined };
}

/** @param given the values of `wouldBeKeySettings` in settings.json. */
export function plainKeys(given: Readonly<Record<string, unknown>>, values: Values, servers: KnownServers) {
	const slots = keySlots(servers);
	const found: PlainKey[] = [];
	for (const [setting, variable] of Object.entries(wouldBeSettings)) {
		const slot = slotOf(slots, variable);
		const key = given[setting];
		if (slot && typeof key === "string" && key.trim() !== "")
			found.push({ place: setting, key: { ...slot, key: key.trim() }, removal: { setting } });
	}
	const roles = [
		["LLM_HEADERS", "llm.headers", "LLM_API_KEY", servers.llm],
		["EMBEDDING_HEADERS", "embedding.headers", "EMBEDDING_API_KEY", servers.embedding],
	] as const;
	for (const [variable, setting, keyVariable, endpoint] of roles) {
		const slot = slotOf(slots, keyVariable);
		const headers = headersIn(values[variable] ?? "") ?? {};
		for (const [name, value] of Object.entries(headers)) {
			const key = keyInHeader(name, value, endpoint?.provider === "azure");
			if (!slot || key === undefined) continue;
			const { [name]: _, ...rest } = headers;
			found.push({
				place: `${setting} (${name})`,
				key: { ...slot, key },
				removal: { variable, value: Object.keys(rest).length > 0 ? JSON.stringify(rest) : undefined },
			});
		}
	}
	return found;
}

/** The key in a header that carries one in every request, unless it names an environment variable. */
function keyInHeader(name: string, value: string, azure: boolean): string | undefined {
	const text = value.trim();
	if (text.includes("${env:")) return undefined;
	if (azure) return name.toLowerCase() === "api-key" && text !== "" ? text : undefined;
	return name.toLowerCase() === "authorization" ? /^Bearer\s+(\S+)$/i.exec(text)?.[1] : undefined;
}
