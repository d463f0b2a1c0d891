import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { serverFile } from "./fixtures.ts";

/** What a tool answered: its structured content, or its words when it is an error. */
export interface ToolAnswer<T> {
	readonly content: T;
	readonly error: string | undefined;
	readonly text: string;
}

export interface TestClient {
	readonly client: Client;
	call<T = Record<string, unknown>>(tool: string, args?: object, meta?: object): Promise<ToolAnswer<T>>;
	close(): Promise<void>;
}

export interface StdioClient extends TestClient {
	readonly pid: number;
	/** What the server wrote to stderr so far. */
	readonly log: () => string;
}

/** A real client of `node dist/server.js`, talking over stdio. */
export async function stdioClient(
	env: Record<string, string>,
	cwd: string,
	nodeArgs: string[] = [],
): Promise<StdioClient> {
	const transport = new StdioClientTransport({
		command: process.execPath,
		args: [...nodeArgs, serverFile],
		env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
		cwd,
		stderr: "pipe",
	});
	let log = "";
	transport.stderr?.on("data", (chunk: Buffer) => {
		log += chunk.toString();
	});
	const client = await connected(transport);
	return { ...client, pid: transport.pid ?? 0, log: () => log };
}

/** A real client of a Streamable HTTP server. */
export function httpClient(url: string, token: string): Promise<TestClient> {
	const headers = { Authorization: `Bearer ${token}` };
	// The SDK's transport class predates `exactOptionalPropertyTypes`; it is a Transport.
	return connected(
		new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }) as Transport,
	);
}

async function connected(transport: Transport): Promise<TestClient> {
	const client = new Client({ name: "test", version: "1.0.0" });
	await client.connect(transport);
	// Lists first, so that the client checks every answer against the tool's output schema.
	await client.listTools();
	return {
		client,
		call: async <T>(name: string, args: object = {}, meta?: object) => {
			const result = await client.callTool({
				name,
				arguments: { ...args },
				...(meta ? { _meta: { ...meta } } : {}),
			});
			const [first] = result.content as { text: string }[];
			const text = first?.text ?? "";
			return { content: result.structuredContent as T, error: result.isError ? text : undefined, text };
		},
		close: () => client.close(),
	};
}
