import { domainToASCII } from "node:url";

/** A name under which a server is reached; without a port, under any. */
export interface HostName {
	/** In lower case and ASCII; an IPv6 address without brackets. `*.example.com` stands for all names below. */
	readonly name: string;
	readonly port?: string | undefined;
}

const accepted = "names such as memory.example.com, memory.local:8050 or *.example.com, separated by commas";

/** Takes a Host header apart; undefined if it is none. */
export function parseHost(text: string): HostName | undefined {
	const [, name, port] = /^(\[[\da-f:.]{2,45}\]|[^:[\]]{1,253})(?::(\d{1,5}))?$/i.exec(text) ?? [];
	return name === undefined ? undefined : { name: name.toLowerCase().replace(/^\[|\]$/g, ""), port };
}

/** @returns what is accepted instead, to complete "it takes", where the text cannot be used. */
export function readHosts(text: string): readonly HostName[] | string {
	const hosts: HostName[] = [];
	for (const part of text.split(",").map((each) => each.trim())) {
		if (part === "") continue;
		const host = parseHost(part);
		const wildcard = host?.name.startsWith("*.") ? "*." : "";
		const given = host?.name.slice(wildcard.length).replace(/\.$/, "") ?? "";
		// Without what a URL has beside a name, which would be dropped.
		const name = /^[^\s/\\?#@%*]+$/.test(given) ? domainToASCII(given) || given : "";
		if (!/^[\w.:-]+$/.test(name)) return accepted;
		hosts.push({ name: wildcard + name, port: host?.port });
	}
	return hosts;
}
