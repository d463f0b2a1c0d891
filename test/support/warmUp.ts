import { OpenAiServer } from "./openaiServer.ts";

/** The test servers' embeddings come from the built-in model, which takes its time to load: not within a test's own. */
export async function warmUp(): Promise<void> {
	const server = await OpenAiServer.start();
	await fetch(`${server.baseUrl}/embeddings`, {
		method: "POST",
		body: JSON.stringify({ model: "test-embed", input: "warm up" }),
	});
	await server.close();
}
