// Test-only extension: lets a test call VS Code's API in the extension host of a real window, over loopback.
const { createServer } = require("node:http");
const { writeFileSync } = require("node:fs");
const vscode = require("vscode");

const actions = {
	tools: () => vscode.lm.tools.map(({ name }) => name).filter((name) => name.startsWith("mcp_mem0_")),
	startServer: () =>
		vscode.commands.executeCommand("workbench.mcp.startServer", "mcp-mem0.mcp-mem0/Mem0", {
			waitForLiveTools: true,
		}),
	invoke: async ({ tool, input }) => {
		const result = await vscode.lm.invokeTool(`mcp_mem0_${tool}`, { input, toolInvocationToken: undefined });
		return result.content.map((part) => part.value ?? "").join("");
	},
	clipboard: () => vscode.env.clipboard.readText(),
	setClipboard: ({ text }) => vscode.env.clipboard.writeText(text),
	command: ({ id, args = [] }) => vscode.commands.executeCommand(id, ...args),
	setTheme: ({ theme }) =>
		vscode.workspace
			.getConfiguration("workbench")
			.update("colorTheme", theme, vscode.ConfigurationTarget.Global),
	setMemoryFolder: ({ path }) =>
		vscode.workspace
			.getConfiguration("mcpMem0")
			.update("storage.directory", path, vscode.ConfigurationTarget.Global),
	activeText: () => vscode.window.activeTextEditor?.document.getText(),
};

function activate(context) {
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request) body += chunk;
		const { action, ...args } = JSON.parse(body);
		const reply = await Promise.resolve()
			.then(() => actions[action](args))
			.then(
				(value) => ({ value }),
				(error) => ({ error: String(error) }),
			);
		response.end(JSON.stringify(reply));
	});
	server.listen(0, "127.0.0.1", () => {
		writeFileSync(process.env.MEM0_TEST_PROBE, `${server.address().port} ${process.pid}`);
	});
	context.subscriptions.push({ dispose: () => server.close() });
}

module.exports = { activate };
