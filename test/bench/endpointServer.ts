/**
 * The endpoint of the bench, in a process of its own, so that its work is not taken for ours: an OpenAI-compatible
 * server that tells when it was busy with which request. Talks to its parent over IPC; see `withEndpoint`.
 */
import { type ChildProcess, fork } from "node:child_process";
import { Server, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { OpenAiServer } from "../support/openaiServer/server.ts";
import type { Span } from "./spans.ts";

export interface EndpointOptions {
	/** ms before each answer. */
	readonly delay: number;
	/** Of the embeddings. */
	readonly dimensions: number;
}

export interface Endpoint {
	readonly baseUrl: string;
	/** The requests that were answered since the last call. */
	take(): Promise<readonly Span[]>;
}

/** Gives `work` a server, which is gone afterwards. */
export async function withEndpoint<T>(
	options: EndpointOptions,
	work: (endpoint: Endpoint) => Promise<T>,
): Promise<T> {
	const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], {
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
	try {
		const baseUrl = await message<string>(child);
		return await work({
			baseUrl,
			take: () => {
				const taken = message<Span[]>(child);
				child.send("take");
				return taken;
			},
		});
	} finally {
		child.kill();
	}
}

function message<T>(child: ChildProcess): Promise<T> {
	return new Promise((resolve, reject) => {
		const ended = (code: number | null) => reject(new Error(`The endpoint of the bench ended with ${code}.`));
		child.once("close", ended);
		child.once("message", (value) => {
			child.off("close", ended);
			resolve(value as T);
		});
	});
}

async function serve(options: EndpointOptions): Promise<void> {
	let spans: Span[] = [];
	const emit = Server.prototype.emit;
	Server.prototype.emit = function (this: Server, ...args: [string, ...unknown[]]) {
		if (args[0] === "request") {
			const begun = performance.now();
			(args[2] as ServerResponse).once("finish", () => spans.push({ begun, ended: performance.now() }));
		}
		return Reflect.apply(emit, this, args) as boolean;
	} as typeof emit;
	const server = await OpenAiServer.start(options);
	process.on("message", () => {
		process.send?.(spans);
		spans = [];
	});
	process.send?.(server.baseUrl);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	await serve(JSON.parse(process.argv[2] ?? "{}") as EndpointOptions);
