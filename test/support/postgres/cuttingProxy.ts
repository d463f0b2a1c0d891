import { connect, createServer, type Socket } from "node:net";

/** What happens to the message at which the proxy is to fail. */
export type Fault =
	/** The connection breaks before the server has the message. */
	| "cut before"
	/** It breaks after the server has it, before the answer. */
	| "cut after"
	/** The server has it; no answer ever comes, and the connection stays. */
	| "swallow answer";

/** A proxy in front of a server, which fails once at a message of a client. */
export class CuttingProxy {
	/** Messages of clients since `failAt`. */
	messages = 0;
	#failAt = Number.POSITIVE_INFINITY;
	#fault: Fault = "cut before";
	readonly #sockets = new Set<Socket>();
	readonly #server = createServer((client) => this.#relay(client));
	readonly #target: URL;

	private constructor(target: URL) {
		this.#target = target;
	}

	static async start(target: string): Promise<CuttingProxy> {
		const proxy = new CuttingProxy(new URL(target));
		await new Promise<void>((done) => proxy.#server.listen(0, "127.0.0.1", done));
		return proxy;
	}

	/** Of the same database, through the proxy. */
	get url(): string {
		const address = this.#server.address();
		const url = new URL(this.#target);
		url.port = String(typeof address === "object" && address ? address.port : 0);
		return url.href;
	}

	/** @param message counted from 0, from now on. */
	failAt(message: number, fault: Fault): void {
		this.messages = 0;
		this.#failAt = message;
		this.#fault = fault;
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await new Promise((done) => this.#server.close(done));
	}

	#relay(client: Socket): void {
		const server = connect(Number(this.#target.port), this.#target.hostname);
		let mute = false;
		for (const socket of [client, server]) {
			this.#sockets.add(socket);
			// Whoever is cut off sees it.
			socket.on("error", () => undefined);
			socket.on("close", () => {
				this.#sockets.delete(socket);
				client.destroy();
				server.destroy();
			});
		}
		client.on("data", (data) => {
			const fails = this.messages++ === this.#failAt;
			if (!fails) return void server.write(data);
			if (this.#fault === "cut before") return void client.destroy();
			mute = true;
			server.write(data);
			if (this.#fault === "cut after") server.once("data", () => client.destroy());
		});
		server.on("data", (data) => {
			if (!mute) client.write(data);
		});
	}
}
