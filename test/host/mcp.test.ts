import assert from "node:assert/strict";
import { type IncomingMessage, Server } from "node:http";
import { Socket } from "node:net";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import * as vscode from "vscode";
import { extensionId } from "./extension.test.ts";

/** VS Code's id of our server: extension, then the label of its definition. */
const serverId = `${extensionId}/Mem0`;
const toolNames = [
	"delete_memory",
	"get_all_memories",
	"memory_status",
	"save_memory",
	"search_memories",
	"update_memory",
].map((name) => `mcp_mem0_${name}`);

interface Answer {
	readonly memories: { id: string; text: string; event?: string; score?: number }[];
}

export function define(): void {
	describe("The MCP server in VS Code", () => {
		let arrived = 0;
		const connections: string[] = [];
		const emit = Server.prototype.emit;
		const connect = Socket.prototype.connect;

		before(async () => {
			// What arrives at servers of this process, and where its connections go.
			Server.prototype.emit = function (this: Server, ...args: [string, ...unknown[]]) {
				if (args[0] === "request" && (args[1] as IncomingMessage).url?.startsWith("/mcp")) arrived += 1;
				return Reflect.apply(emit, this, args) as boolean;
			} as typeof emit;
			Socket.prototype.connect = function (this: Socket, ...args: Parameters<typeof connect>) {
				const ours = new Error("stack").stack?.includes(join("dist", "")) ?? false;
				if (ours) connections.push(JSON.stringify(args[0]));
				return connect.apply(this, args);
			} as typeof connect;
			// VS Code hears of the server a moment after the extension has registered it.
			for (let i = 0; i < 50 && offered().length === 0; i += 1) {
				await vscode.commands.executeCommand("workbench.mcp.startServer", serverId, {
					waitForLiveTools: true,
				});
				await pause(200);
			}
		});

		after(() => {
			Server.prototype.emit = emit;
			Socket.prototype.connect = connect;
		});

		it("gives Copilot and agents six tools", async () => {
			assert.deepEqual(offered().sort(), toolNames);
		});

		it("saves a memory that an agent finds again", async () => {
			const text = "The release train leaves every second Thursday";
			const saved = await invoke<Answer>("save_memory", { text });
			assert.equal(saved.memories[0]?.event, "ADD");
			const found = await invoke<Answer>("search_memories", { query: "when is the release train leaving?" });
			assert.equal(found.memories[0]?.text, text);
			assert.equal(found.memories[0]?.id, saved.memories[0]?.id);
		});

		it("tells an agent what to do about bad input", async () => {
			const answer = await invokeForText("search_memories", { query: "x", limit: 500 });
			assert.match(answer, /limit=500 is out of range: the most is 50/);
		});

		it("runs as a process of its own, so that it outlives the window", async () => {
			const { database } = JSON.parse(await invokeForText("memory_status", {})) as { database: string };
			assert.ok(database);
			assert.equal(arrived, 0, "no server of this process was asked");
		});

		it("makes no connection of its own", () => {
			assert.deepEqual(connections, []);
			// The trap does catch what a script of ours does.
			const connectFromOurs = runInThisContext("(socket) => socket.connect(9, '127.0.0.1')", {
				filename: join("/extension", "dist", "probe.js"),
			}) as (socket: Socket) => void;
			connectFromOurs(new Socket().on("error", () => undefined));
			assert.equal(connections.length, 1);
		});
	});
}

function offered(): string[] {
	return vscode.lm.tools.map(({ name }) => name).filter((name) => name.startsWith("mcp_mem0_"));
}

export async function invoke<T>(tool: string, input: object): Promise<T> {
	return JSON.parse(await invokeForText(tool, input)) as T;
}

async function invokeForText(tool: string, input: object): Promise<string> {
	const result = await vscode.lm.invokeTool(`mcp_mem0_${tool}`, { input, toolInvocationToken: undefined });
	return result.content
		.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ""))
		.join("");
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
