import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";

/** @param hostname as `URL.hostname` has it. */
export function bareHost(hostname: string): string {
	return hostname.toLowerCase().replace(/^\[|\]$|\.$/g, "");
}

const thisMachine = new BlockList();
thisMachine.addSubnet("127.0.0.0", 8);
thisMachine.addAddress("0.0.0.0");
thisMachine.addAddress("::1", "ipv6");
thisMachine.addAddress("::", "ipv6");

/** Whether a host is this machine, which no proxy elsewhere could reach. */
export function isLoopback(hostname: string): boolean {
	const host = bareHost(hostname);
	return /(^|\.)localhost$/.test(host) || contains(thisMachine, host);
}

/**
 * Whether a list such as NO_PROXY names a URL's host. There is no standard; this takes what curl, Go, Python and undici
 * take: `*`, a domain with or without a leading dot or `*.` (its subdomains count, too), an address, a network in CIDR
 * notation, each with or without a port. Also `10.1.*` and `<local>` (a name without a dot), as Windows writes them.
 */
export function isExcepted({ hostname, protocol, port }: URL, list: string): boolean {
	const host = bareHost(hostname);
	const actualPort = port || (protocol === "https:" ? "443" : "80");
	return list
		.split(/[\s,;]+/)
		.filter((entry) => entry !== "")
		.some((entry) => {
			const { name, port: only } = partsOf(entry);
			return (only === undefined || only === actualPort) && matches(host, name);
		});
}

function partsOf(entry: string) {
	const text = entry.toLowerCase().replace(/^[a-z][a-z0-9+.-]*:\/\//, "");
	const [, inBrackets, portBehind] = /^\[(.*)\](?::(\d+))?$/.exec(text) ?? [];
	if (inBrackets !== undefined) return { name: inBrackets, port: portBehind };
	// An IPv6 address without brackets has no port.
	const [, name = text, port] = /^([^:]*):(\d+)$/.exec(text) ?? [];
	return { name, port };
}

function matches(host: string, name: string): boolean {
	if (name === "*") return true;
	if (name === "<local>") return !/[.:]/.test(host);
	const [, address = "", bits] = /^(.*)\/(\d{1,3})$/.exec(name) ?? [];
	const family = isIP(address);
	if (family) return contains(subnet(address, Number(bits), family), host);
	if (isIP(name)) return contains(subnet(name, isIP(name) === 4 ? 32 : 128, isIP(name)), host);
	const domain = name.replace(/^\*?\.|\.$/g, "");
	if (domain.includes("*")) return new RegExp(`^${domain.split("*").map(literal).join(".*")}$`).test(host);
	const ascii = domainToASCII(domain) || domain;
	return ascii !== "" && (host === ascii || host.endsWith(`.${ascii}`));
}

function literal(text: string): string {
	return text.replace(/[^\w]/g, "\\$&");
}

function subnet(address: string, bits: number, family: number): BlockList {
	const list = new BlockList();
	if (bits <= (family === 4 ? 32 : 128)) list.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
	return list;
}

/** An IPv4 address that is written as an IPv6 one counts as what it is. */
function contains(list: BlockList, host: string): boolean {
	const family = isIP(host);
	return family !== 0 && list.check(host, family === 4 ? "ipv4" : "ipv6");
}
