interface EndpointUrl {
	/** Without a slash at the end. */
	readonly url: string;
	/** What was corrected in it, in words. */
	readonly corrections: readonly string[];
}

/** What people leave at the end of a base URL when they copy the URL of a request. */
const requestPaths = /\/(chat\/completions|completions|embeddings|models|responses)$/i;

/**
 * The base URL that a text means, corrected where there is no doubt about it.
 * @param provider some corrections are for `ollama` or `azure` only.
 * @returns what is accepted instead, to complete "it takes", where the text cannot be used.
 */
export function readEndpointUrl(text: string, provider: string | undefined): EndpointUrl | string {
	const accepted = "an http or https URL such as http://localhost:8009/v1";
	const corrections: string[] = [];
	if (/\s/.test(text)) return accepted;
	let given = text;
	if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) {
		if (given.includes("://")) return accepted;
		given = `${rarelyUsesTls(given) ? "http" : "https"}://${given.replace(/^\/+/, "")}`;
		corrections.push(`the scheme was missing, ${given.split(":")[0]} is used`);
	}
	let url: URL;
	try {
		url = new URL(given);
	} catch {
		return accepted;
	}
	if (url.protocol !== "http:" && url.protocol !== "https:") return accepted;
	if (url.username || url.password)
		return `${accepted}, without user name and password; put them in a header (LLM_HEADERS, EMBEDDING_HEADERS)`;
	if (url.search || url.hash) {
		url.search = "";
		url.hash = "";
		corrections.push("everything after the path was dropped");
	}
	let path = url.pathname.replace(/\/{2,}/g, "/").replace(/\/+$/, "");
	if (path !== url.pathname && url.pathname !== "/") corrections.push("extra slashes were dropped");
	const request = requestPaths.exec(path);
	if (request) {
		path = path.slice(0, request.index);
		corrections.push(`${request[0]} was dropped, because requests add it`);
	}
	const doubled = path.replace(/(\/v\d+)\1+$/i, "$1");
	if (doubled !== path) {
		path = doubled;
		corrections.push("the doubled /v1 was dropped");
	}
	if (provider === "ollama" && (path === "" || path === "/api")) {
		path = "/v1";
		corrections.push("/v1 was added, the path of Ollama's OpenAI API");
	}
	if (provider === "azure") {
		const resource = path.replace(/\/openai(\/deployments\/[^/]+)?(\/v1)?$/i, "");
		if (resource !== path)
			corrections.push("the path of the deployment was dropped, because requests add it");
		path = resource;
	}
	return { url: `${url.origin}${path}`, corrections };
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
