import { lookup } from "node:dns/promises";
import { InputError } from "../../memory/errors.ts";

/** Characters of a token that is not to be guessed. */
export const minTokenLength = 16;

/**
 * The address that a host name or address stands for.
 * @throws InputError when there is none.
 */
export async function addressOf(host: string, port: number): Promise<string> {
	try {
		return (await lookup(host.replace(/^\[(.*)\]$/, "$1"))).address;
	} catch (error) {
		throw listenError(error as NodeJS.ErrnoException, host, port);
	}
}

/** Whether only programs on this machine reach the address. */
export function isLoopback(address: string): boolean {
	return address === "::1" || /^(::ffff:)?127\./i.test(address);
}

export function weakToken(host: string): string {
	return `AUTH_TOKEN has fewer than ${minTokenLength} characters, and HOST=${JSON.stringify(host)} lets other machines try it. Set a longer one, or none: then a random one is made.`;
}

export function plainHttp(host: string): string {
	return `HOST=${JSON.stringify(host)} serves other machines over plain http: the token and memories can be read on the way. Put a proxy with TLS before it; if the proxy runs on this machine, set HOST=127.0.0.1.`;
}

export function noPublicUrl(host: string): string {
	return `OAUTH_ISSUER is set, and HOST=${JSON.stringify(host)} does not say where clients reach this server, which their tokens name. Set PUBLIC_URL, such as https://memory.example.com/mcp.`;
}

export function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
	const inUse = `Port ${port} on ${host} is in use. Set PORT to another one, or to 0 for a free one.`;
	const reserved = `This user may not use port ${port} on ${host}. Set PORT above 1023.`;
	const notHere = `HOST=${JSON.stringify(host)} is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for all of its addresses.`;
	switch (error.code) {
		case "EADDRINUSE":
			return new InputError("PORT", inUse);
		case "EACCES":
			return new InputError("PORT", reserved);
		case "ENOTFOUND":
		case "EADDRNOTAVAIL":
		case "EAI_AGAIN":
			return new InputError("HOST", notHere);
		default:
			return error;
	}
}
