import { once } from "node:events";
import { isIPv4, type Socket } from "node:net";
import type { ProxyServer } from "../../config/proxies.ts";
import { ProxyError } from "./proxyError.ts";

const version = 5;
const noPassword = 0;
const withPassword = 2;

/**
 * Asks a SOCKS proxy for a connection to a host (RFC 1928, RFC 1929). Names are looked up by the proxy.
 * @throws ProxyError
 */
export async function socksTunnel(
	socket: Socket,
	proxy: ProxyServer,
	host: string,
	port: number,
): Promise<void> {
	const read = readerOf(socket);
	const { credentials } = proxy;
	const methods = credentials ? [noPassword, withPassword] : [noPassword];
	socket.write(Buffer.from([version, methods.length, ...methods]));
	const [spoken, method = 0xff] = await read(2);
	if (spoken !== version) throw new ProxyError(proxy, "NOT_SOCKS");
	if (!methods.includes(method)) throw new ProxyError(proxy, "REFUSED", { refusal: "password" });
	if (method === withPassword && credentials) {
		socket.write(Buffer.concat([Buffer.from([1]), counted(credentials.user), counted(credentials.password)]));
		const [, refused] = await read(2);
		if (refused !== 0) throw new ProxyError(proxy, "REFUSED", { refusal: "password" });
	}
	const address = isIPv4(host)
		? Buffer.from([1, ...host.split(".").map(Number)])
		: Buffer.concat([Buffer.from([3]), counted(host)]);
	const connect = Buffer.from([version, 1, 0]);
	socket.write(Buffer.concat([connect, address, Buffer.from([port >> 8, port & 0xff])]));
	const [, reply = 1, , kind = 0] = await read(4);
	if (reply !== 0)
		throw new ProxyError(proxy, "REFUSED", { refusal: reply === 2 ? "forbidden" : "unreachable" });
	const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await read(1))[0] ?? 0);
	await read(length + 2);
}

function counted(text: string): Buffer {
	const bytes = Buffer.from(text).subarray(0, 255);
	return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** @returns the next bytes, as many as are asked for. */
function readerOf(socket: Socket): (length: number) => Promise<Buffer> {
	let arrived = Buffer.alloc(0);
	return async (length) => {
		while (arrived.length < length) {
			const chunk: Buffer | null = socket.read();
			if (chunk) arrived = Buffer.concat([arrived, chunk]);
			else if (socket.readableEnded || socket.destroyed)
				throw Object.assign(new Error("the proxy closed the connection"), { code: "ECONNRESET" });
			else await somethingHappens(socket);
		}
		const bytes = arrived.subarray(0, length);
		arrived = arrived.subarray(length);
		return bytes;
	};
}

async function somethingHappens(socket: Socket): Promise<void> {
	const over = new AbortController();
	const { signal } = over;
	try {
		await Promise.race(["readable", "end", "close"].map((event) => once(socket, event, { signal })));
	} finally {
		over.abort();
	}
}
