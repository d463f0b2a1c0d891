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
	setSettings: async ({ settings }) => {
		for (const [key, value] of Object.entries(settings))
			await vscode.workspace
				.getConfiguration()
				.update(key, value ?? undefined, vscode.ConfigurationTarget.Global);
	},
	settings: () => {
		const settings = vscode.workspace.getConfiguration();
		const { packageJSON } = vscode.extensions.getExtension("mcp-mem0.mcp-mem0");
		const names = packageJSON.contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
		return Object.fromEntries(names.map((name) => [name, settings.inspect(name).globalValue]));
	},
	diagnostics: ({ scheme }) =>
		vscode.languages
			.getDiagnostics()
			.filter(([uri]) => uri.scheme === scheme)
			.flatMap(([, found]) => found.map(({ message, range }) => ({ message, line: range.start.line }))),
	/** As another extension does. @param bytes as hexadecimal digits. */
	writeFile: ({ uri, bytes }) =>
		vscode.workspace.fs.writeFile(vscode.Uri.parse(uri), Buffer.from(bytes, "hex")),
	activeText: () => vscode.window.activeTextEditor?.document.getText(),
};

/** A language model that makes a fact of every sentence, as a model of Copilot would. */
const model = {
	provideLanguageModelChatInformation: () => [
		{
			id: "probe-1",
			name: "Probe One",
			family: "probe-one",
			version: "1",
			maxInputTokens: 60_000,
			maxOutputTokens: 4000,
			capabilities: {},
		},
	],
	provideLanguageModelChatResponse: (_model, messages, _options, progress) => {
		const said = messages.map(({ content }) => content.map((part) => part.value ?? "").join("")).join("\n");
		// The instructions speak of the section, too; the question comes last.
		const asked = said.slice(said.lastIndexOf("## New Messages"));
		const text = /^## New Messages\s+(?:user: )?([\s\S]*?)\n\n## /.exec(asked)?.[1] ?? "";
		const memory = text.split(/(?<=\.)\s+/).map((sentence, id) => ({ id: String(id), text: sentence }));
		progress.report(new vscode.LanguageModelTextPart(JSON.stringify({ memory })));
	},
	provideTokenCount: (_model, text) => Math.ceil(String(text).length / 4),
};

function activate(context) {
	context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider("probe", model));
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
