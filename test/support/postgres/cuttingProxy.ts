import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What happens to the message at which the proxy is to fail. */
export type Fault =
	/** The connection breaks before the server has the message. */
	| "cut before"
	/** It breaks after the server has it, before the answer. */
	| "cut after"
	/** The server has it; no answer ever comes, and the connection stays. */
	| "swallow answer";

/** How the way to the server is, from now on. */
export type Way =
	| "open"
	/** Connections break, and new ones do too. */
	| "cut"
	/** Nothing comes through in either direction; nobody is told. What is sent meanwhile is lost, with its connection. */
	| "black hole";

/** A proxy in front of a server, which fails once at a message of a client, or for as long as its way is not open. */
export class CuttingProxy {
	/** Messages of clients since `failAt`. */
	messages = 0;
	#failAt = Number.POSITIVE_INFINITY;
	#fault: Fault = "cut before";
	#way: Way = "open";
	#then: Way = "open";
	/** ms by which each message of a client is late. */
	delay = 0;
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

	/** @param message counted from 0, from now on. @param then how the way is from the fault on. */
	failAt(message: number, fault: Fault, then: Way = "open"): void {
		this.messages = 0;
		this.#then = then;
		this.#failAt = message;
		this.#fault = fault;
	}

	/** A connection that was in a black hole is not heard of again. */
	set way(way: Way) {
		this.#way = way;
		if (way !== "black hole") this.#cut();
	}

	#cut(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	async close(): Promise<void> {
		this.#cut();
		await new Promise((done) => this.#server.close(done));
	}

	#relay(client: Socket): void {
		if (this.#way === "cut") return void client.destroy();
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
		client.on("data", async (data) => {
			if (this.#way === "black hole") return;
			if (this.delay > 0) await sleep(this.delay);
			const fails = this.messages++ === this.#failAt;
			if (!fails) return void server.write(data);
			this.#way = this.#then;
			if (this.#fault === "cut before") return void client.destroy();
			mute = true;
			server.write(data);
			if (this.#fault === "cut after") server.once("data", () => client.destroy());
		});
		server.on("data", (data) => {
			if (!mute && this.#way !== "black hole") client.write(data);
		});
	}
}
