import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
	ErrorCode,
	ListPromptsRequestSchema,
	ListResourcesRequestSchema,
	ListResourceTemplatesRequestSchema,
	ListToolsRequestSchema,
	McpError,
} from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import type { Log } from "../config/log.ts";
import { InputError } from "../memory/errors.ts";
import { errorText } from "../memory/errorText.ts";
import type { UserMemory } from "../memory/userMemory.ts";
import type { Project } from "../store/types.ts";
import { answerOf } from "./bounds.ts";
import type { ClientCall } from "./clientCall.ts";
import { originOf, useOf } from "./clientUse.ts";
import { icon } from "./icon.ts";
import type { ToolCall } from "./metrics.ts";
import { clip, cutBefore } from "./pieces.ts";
import { promptMessages, prompts } from "./prompts.ts";
import { quoted } from "./quoted.ts";
import { listedResources, readResource, resourceTemplates } from "./resources.ts";
import { tools } from "./tools/index.ts";
import { type InputSchema, inputSchemaOf, plainArguments } from "./tools/inputSchema.ts";
import { invalidArguments } from "./tools/invalidArguments.ts";
import { outputSchemaOf } from "./tools/outputSchema.ts";
import type { Tool } from "./tools/tool.ts";

export interface McpServerOptions {
	/** The memory to use; asked for at every call, since the configuration may change during a session. */
	readonly memory: () => Promise<UserMemory>;
	readonly version: string;
	readonly log: Log;
	/** The project of this session's client; asked for at every call, because a window can open another one. */
	readonly project: (call: ClientCall) => Promise<Project | undefined>;
	/** Called after each call of a tool. */
	readonly onDidCall?: ((call: ToolCall) => void) | undefined;
	/** Does the work of a call, for what has to know on whose behalf it is done. */
	readonly during?: (<T>(call: ClientCall, work: () => Promise<T>) => Promise<T>) | undefined;
}

const description = "Long-term memory of the user, shared by all their agents and kept on their own machine.";

/** Some clients read no more than the first 512 characters, which therefore say the essence. */
const instructions = `The user's long-term memory, shared by all their agents.
Before a task, and before you ask what the user may have said earlier, call search_memories: one question a call. Do not rely on results marked as weak.
When the user states a preference, corrects you or decides something, call save_memory: one self-contained fact a call, with its reason; scope "project" for what holds in this project only. When a fact has changed, update_memory the old one. Never save secrets, guesses or what the files say.

Also worth saving: conventions; how things are built, run and deployed; traps that cost time; who and what the user works with. Write names instead of "it", dates instead of "yesterday", so that the fact is understood without this conversation. Do not save what you found in the memory yourself, or the state of the task at hand.
A result marked as superseded was replaced by a newer one. No result means that nobody saved it, not that it is not so. Where the project's files contradict a memory, they win: tell the user, and correct the memory. delete_memory only what is wrong or what the user wants forgotten.`;

/** Characters. A server's words may be in it. */
const longestError = 4000;

const inputSchemas = new Map(tools.map((tool) => [tool, inputSchemaOf(tool.inputSchema)]));

/**
 * A request with parameters of any form: models send arguments as null, or as JSON in a string; and the SDK answers what
 * does not match its own schemas with "internal error" and the validator's words.
 */
function anyRequest<Method extends string>(method: Method) {
	return z.object({
		method: z.literal(method),
		params: z
			.unknown()
			.default(null)
			.transform((given) => {
				const { name, uri, _meta, arguments: args } = (given ?? {}) as Readonly<Record<string, unknown>>;
				// The SDK checks that a tool has a name, and arguments in an object.
				return { name: typeof name === "string" ? name : "", uri, _meta, arguments: { given: args } };
			}),
	});
}

/** The server of one MCP session, ready to be connected to a transport. */
export function createMcpServer(options: McpServerOptions): Server {
	const { version, log, during = (_: ClientCall, work) => work() } = options;
	const server = new Server(
		{ name: "mcp-mem0", title: "Mem0", version, description, icons: [icon] },
		{ capabilities: { tools: {}, resources: {}, prompts: {} }, instructions },
	);
	// Only the kind: the message may quote the request, and the log never holds the text of a memory.
	server.onerror = (error) => log.warn(`MCP: a message could not be handled (${error.name}).`);

	server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(toListed) }));
	server.setRequestHandler(anyRequest("tools/call"), async ({ params }, { signal, sendRequest }) => {
		const tool = tools.find(({ name }) => name === params.name);
		if (!tool) {
			const known = tools.map(({ name }) => name).join(", ");
			const message = `There is no tool ${quoted(params.name)}. The tools are ${known}.`;
			throw new McpError(ErrorCode.InvalidParams, message);
		}
		const began = performance.now();
		const answered = (ok: boolean) =>
			options.onDidCall?.({ tool: tool.name, ok, duration: performance.now() - began });
		try {
			const args = plainArguments(inputSchemas.get(tool) as InputSchema, params.arguments.given);
			const parsed = tool.inputSchema.safeParse(args);
			if (!parsed.success) throw invalidArguments(tool.name, parsed.error, args);
			const conversationId = conversationOf(params._meta);
			const call = { server, ask: sendRequest };
			const [memory, project] = await Promise.all([options.memory(), options.project(call)]);
			const context = {
				memory,
				project,
				conversationId,
				origin: originOf(server, project),
				signal,
				version,
			};
			const result = await during(call, () => tool.run(parsed.data as never, context));
			const { query } = parsed.data as { readonly query?: unknown };
			if (tool.use) memory.uses.add(useOf(server, tool.use, project, { query, result }));
			answered(true);
			return answerOf(result);
		} catch (error) {
			const text = clip(errorText(error), longestError);
			const logged = error instanceof InputError ? `${error.field || "the arguments"} not valid` : text;
			log.warn(`${tool.name}: ${logged}`);
			answered(false);
			return { isError: true, content: [{ type: "text", text }] };
		}
	});

	server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: listedResources }));
	server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates }));
	server.setRequestHandler(anyRequest("resources/read"), async ({ params: { uri } }, { sendRequest }) => {
		if (typeof uri !== "string")
			throw new McpError(ErrorCode.InvalidParams, `uri=${quoted(uri)} is not valid: it takes a string.`);
		const memory = await options.memory();
		const project = await options.project({ server, ask: sendRequest });
		const read = await readResource(uri, memory, project);
		memory.uses.add(useOf(server, "read", project, {}));
		return read;
	});

	server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts }));
	server.setRequestHandler(anyRequest("prompts/get"), ({ params }) =>
		promptMessages(params.name, params.arguments.given),
	);
	return server;
}

/** VS Code names the conversation with each call. */
function conversationOf(meta: unknown): string | undefined {
	const id = (meta as Readonly<Record<string, unknown>> | undefined)?.["vscode.conversationId"];
	return typeof id === "string" && id !== "" ? id.slice(0, cutBefore(id, 200)) : undefined;
}

function toListed(tool: Tool) {
	const { name, title, description, annotations, outputSchema } = tool;
	return {
		name,
		title,
		description,
		annotations: { title, ...annotations },
		inputSchema: inputSchemas.get(tool) as InputSchema,
		outputSchema: outputSchemaOf(outputSchema),
	};
}
