import { envOf, type Workbench } from "./brokenSetups.ts";
import type { Fault, OpenAiServerOptions } from "./openaiServer.ts";

/** Large enough for mem0's instructions. */
export const roomy = { contextLength: 32_768 };

/** A server of some kind, and what is configured of it. */
export const on =
	(options: OpenAiServerOptions, env: Readonly<Record<string, string | undefined>> = {}) =>
	async (bench: Workbench) => ({ env: envOf((await bench.server({ ...roomy, ...options })).baseUrl, env) });

export const faulty =
	(fault: Fault, role: "chat" | "embeddings", options: OpenAiServerOptions = {}) =>
	async (bench: Workbench) => {
		const server = await bench.server({ ...roomy, ...options });
		server.fault(fault, { role });
		return { env: envOf(server.baseUrl), mend: () => server.mend() };
	};
