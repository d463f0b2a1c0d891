import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { Random } from "../random.ts";
import { dimensions, type LargeQuery } from "./largeMemory.ts";

export interface VectorServer {
	readonly baseUrl: string;
	readonly origin: string;
	/** While true, it answers 503. */
	away: boolean;
	close(): void;
}

/** An embeddings endpoint on loopback that answers at once: it knows the queries' vectors, and gives other texts some vector. */
export async function vectorServer(queries: readonly LargeQuery[]): Promise<VectorServer> {
	const known = new Map(queries.map(({ text, vector }) => [text, vector]));
	const random = new Random(3);
	const vectorOf = (text: string) =>
		known.get(text) ?? Array.from({ length: dimensions }, () => random.normal());
	const server = createServer(async (request, response) => {
		const { input, model } = (await json(request)) as { input: string | readonly string[]; model: string };
		const data = [input]
			.flat()
			.map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text) }));
		response
			.writeHead(started.away ? 503 : 200, { "Content-Type": "application/json" })
			.end(JSON.stringify(started.away ? {} : { object: "list", model, data }));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const started = {
		origin,
		baseUrl: `${origin}/v1`,
		away: false,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
	return started;
}
