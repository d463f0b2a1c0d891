import * as l10n from "@vscode/l10n";
import { hasMisspeltScheme, type MendedText, mendedText, probableUrl } from "./urlSlips.ts";

export interface EndpointUrl {
	/** Without a slash at the end. */
	readonly url: string;
	/** What was corrected in it, in words. */
	readonly corrections: readonly string[];
}

/** Why a text is not the URL of an endpoint. */
export interface UrlRefusal {
	/** The accepted form; completes "it takes". */
	readonly accepted: string;
	/** The URL that was probably meant. */
	readonly meant?: string | undefined;
}

/** What people leave at the end of a base URL when they copy the URL of a request. */
const requestPaths = /\/(chat\/completions|completions|embeddings|models|responses|(?<=\/v\d+\/)chat)$/i;
/** The paths of Ollama's own API, and none. */
const ollamaPaths = /^(\/api(\/(generate|chat|tags|embed|embeddings|ps|show|version))?)?$/i;
const azureHost = /\.(openai|cognitiveservices|services\.ai)\.azure\.(com|us|cn)$/;
const azureDeployment = /^(.*\/openai\/deployments\/[^/]+)(\/.*)?$/i;

const accepted = () => l10n.t("an http or https URL such as http://localhost:8009/v1");

/**
 * The base URL that a text means. Corrects only what is certain.
 * @param provider some corrections are for `ollama` or `azure` only.
 */
export function readEndpointUrl(text: string, provider: string | undefined): EndpointUrl | UrlRefusal {
	const mended = mendedText(text);
	const read = parsed(mended);
	if (!(read instanceof URL)) {
		const meant = probableUrl(mended);
		const again = meant === undefined ? undefined : readEndpointUrl(meant, provider);
		return { accepted: read, meant: again && "url" in again ? again.url : undefined };
	}
	const corrections = [...mended.corrections];
	if (!mended.scheme) corrections.push(l10n.t`the scheme was missing, ${read.protocol.slice(0, -1)} is used`);
	const path = pathOf(read, provider, corrections);
	const url = `${read.origin}${path}`;
	if (url === text) return { url, corrections };
	// One correction may uncover another. A corrected URL must need no correction when it is read again.
	const again = readEndpointUrl(url, provider);
	return "url" in again ? { url: again.url, corrections: [...corrections, ...again.corrections] } : again;
}

/** @returns the accepted form if the text is not the URL of a host. */
function parsed({ scheme, rest }: MendedText): URL | string {
	if (!scheme && hasMisspeltScheme(rest)) return accepted();
	const [authority = ""] = /^[^/?#]*/.exec(rest) ?? [];
	const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
	// Another URL within the first, another scheme, a path without a host.
	if (/\s|:\/\//.test(rest) || /^v\d+$/i.test(name) || /[,;=]|\.\.|^$/.test(name)) return accepted();
	if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
		return l10n.t`${accepted()}, with a port from 1 to 65535`;
	const withScheme = `${scheme ?? (rarelyUsesTls(rest) ? "http" : "https")}://${rest}`;
	if (!URL.canParse(withScheme)) return accepted();
	const url = new URL(withScheme);
	if (url.username || url.password)
		return l10n.t`${accepted()}, without user name and password; put them in a header (LLM_HEADERS, EMBEDDING_HEADERS)`;
	// A part of an address, or a port without its host, would become the address of another machine.
	if (/^\d+(\.\d+){3}$/.test(url.hostname) && url.hostname !== name.replace(/\.$/, "")) return accepted();
	return url;
}

/** The path before that of a request; for Azure with the deployment and the API version, if the URL names them. */
function pathOf(url: URL, provider: string | undefined, corrections: string[]): string {
	let path = url.pathname.replace(/\/{2,}/g, "/").replace(/\/+$/, "");
	if (path !== url.pathname && url.pathname !== "/") corrections.push(l10n.t("extra slashes were dropped"));
	const change = (to: string, said: string) => {
		if (to !== path) corrections.push(said);
		path = to;
	};
	const version = url.searchParams.get("api-version");
	const [, deployment, request] = azureDeployment.exec(path) ?? [];
	if (deployment) {
		if (request) change(deployment, l10n.t`${request} was dropped, because requests add it`);
		if (version) return `${path}?api-version=${encodeURIComponent(version)}`;
	}
	if (url.search || url.hash) corrections.push(l10n.t("everything after the path was dropped"));
	if (deployment) return path;
	const onAzure = azureHost.test(url.hostname);
	if (onAzure && /^(\/openai)?\/(models|v1)(\/|$)|^\/api\/projects\//i.test(path))
		change("/openai/v1", l10n.t("/openai/v1 is used, the path of Azure's OpenAI API"));
	for (let found = requestPaths.exec(path); found; found = requestPaths.exec(path))
		change(path.slice(0, found.index), l10n.t`${found[0]} was dropped, because requests add it`);
	change(path.replace(/(\/v\d+)\1+$/i, "$1"), l10n.t("the doubled /v1 was dropped"));
	if (!onAzure && (provider === "ollama" || url.port === "11434") && ollamaPaths.test(path))
		change("/v1", l10n.t("/v1 was added, the path of Ollama's OpenAI API"));
	if (provider === "azure")
		change(
			path.replace(/\/openai(\/deployments)?$/i, ""),
			l10n.t("the path was shortened, because requests add the rest"),
		);
	else if (onAzure && /^(\/openai(\/deployments)?)?$/i.test(path))
		change("/openai/v1", l10n.t("/openai/v1 was added, the path of Azure's OpenAI API"));
	return path;
}

/** The parts of the URL of an Azure deployment; undefined for any other URL. */
export function azureDeploymentOf(url: string) {
	const [, resource, deployment, apiVersion] =
		/^(.*)\/openai\/deployments\/([^/?]+)(?:\?api-version=(.*))?$/i.exec(url) ?? [];
	if (resource === undefined || deployment === undefined) return undefined;
	const plain = (text: string | undefined) => (text === undefined ? undefined : decodeURIComponent(text));
	return { resource, deployment: plain(deployment) ?? "", apiVersion: plain(apiVersion) };
}

export function originOf(url: string): string {
	return new URL(url).origin;
}

/** Hosts that rarely use TLS: this machine, private addresses, names without a domain, and any host with a port. */
function rarelyUsesTls(text: string): boolean {
	const [, host = "", port] = /^\/*([^/:]+)(?::(\d+))?/.exec(text) ?? [];
	if (port !== undefined && port !== "443") return true;
	return !host.includes(".") || isPrivateHost(host);
}

/**
 * Whether the name or address of a host is that of this machine, or in a private network. Not `0.0.0.0`, which is every
 * address; nor link-local addresses and `*.internal`, where clouds answer whoever asks.
 * @param host as `URL.hostname` has it.
 */
export function isPrivateHost(host: string): boolean {
	const name = host.toLowerCase().replace(/^\[|\]$|\.$/g, "");
	if (/(^|\.)localhost$/.test(name) || /\.(local|lan|home\.arpa)$/.test(name)) return true;
	if (name.includes(":")) return isPrivateIpv6(name);
	const isIpv4 = /^\d+\.\d+\.\d+\.\d+$/.test(name);
	return isIpv4 && /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(name);
}

function isPrivateIpv6(address: string): boolean {
	const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address)?.slice(1);
	if (mapped) {
		const bytes = mapped.flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255]);
		return isPrivateHost(bytes.join("."));
	}
	// The metadata of Amazon's machines is in an otherwise private network.
	return address === "::1" || (/^f[cd][0-9a-f]{2}:/.test(address) && address !== "fd00:ec2::254");
}
