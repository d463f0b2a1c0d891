import { readKey } from "./keyText.ts";
import type { Provider } from "./providers.ts";
import type { Reading, VariableValues } from "./reader.ts";
import { originsOfUrls, urlsIn } from "./urlList.ts";
import { originOf, readEndpointUrl } from "./urls.ts";

type SecretVariable =
	| "LLM_API_KEY"
	| "EMBEDDING_API_KEY"
	| "AZURE_OPENAI_API_KEY"
	| "LLM_HEADERS"
	| "EMBEDDING_HEADERS"
	| "TEAM_SERVER_TOKEN";
const ofOpenAi = "https://api.openai.com";
/** The host in use, as far as some values name it. */
type UrlOf = (values: VariableValues) => string | undefined;

/**
 * A key, or headers, of the first source that gives them together with the host in use; where several servers are in
 * use, with all their hosts. Those of other sources were given for another host: they stay behind, and a notice says so.
 */
export function boundValue<Name extends SecretVariable>(
	{ sources, values, notices }: Reading,
	variable: Name,
	urlOf: UrlOf,
): VariableValues[Name] {
	const url = urlOf(values);
	if (url === undefined) return undefined;
	const origins = originsOfUrls(urlsIn(url));
	const origin = origins.join(" and ");
	const givesHosts = (each: VariableValues) => {
		const own = urlOf(each);
		const given = own === undefined ? [] : originsOfUrls(urlsIn(own));
		return origins.every((host) => given.includes(host));
	};
	const giving = sources.filter((source) => source.values[variable] !== undefined);
	const bound = giving.find((source) => givesHosts(source.values));
	const withheld = giving.find((source) => source.values[variable]);
	const urlSource = sources.find((source) => givesHosts(source.values))?.name;
	const told = notices.some(
		(notice) => notice.kind === "withheld" && notice.variable === variable && notice.origin === origin,
	);
	if (!bound && withheld && urlSource && !told)
		notices.push({ kind: "withheld", variable, source: withheld.name, origin, urlSource });
	return bound?.values[variable] as VariableValues[Name];
}

/**
 * The key of the provider, where no key is set for the role. The name of OPENAI_API_KEY names its host, unless
 * OPENAI_BASE_URL beside it names another one.
 */
export function providerKey(reading: Reading, provider: Provider, urlOf: UrlOf) {
	const key = provider === "azure" ? boundValue(reading, "AZURE_OPENAI_API_KEY", urlOf) : undefined;
	const url = urlOf(reading.values);
	const toOpenAi = url !== undefined && urlsIn(url).every((each) => originOf(each) === ofOpenAi);
	if (key || !toOpenAi) return key || undefined;
	const { OPENAI_API_KEY: given, OPENAI_BASE_URL, OPENAI_API_BASE } = reading.ambient;
	const host = OPENAI_BASE_URL?.trim() || OPENAI_API_BASE?.trim();
	const read = host ? readEndpointUrl(host, undefined) : undefined;
	if (read && (!("url" in read) || originOf(read.url) !== ofOpenAi)) return undefined;
	return given?.trim() ? readKey(given).key : undefined;
}
