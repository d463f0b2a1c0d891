import * as vscode from "vscode";
import type { Deps } from "../deps.ts";

/** `Mem0: Run All Diagnostics` and its parts; what they need is loaded by the first of them. */
export function registerDiagnostics(deps: Deps): vscode.Disposable {
	const load = async () => {
		const { Diagnostics } = await import("./report.ts");
		loaded ??= new Diagnostics(deps);
		return loaded;
	};
	let loaded: import("./report.ts").Diagnostics | undefined;
	const command = (
		id: string,
		action: (diagnostics: NonNullable<typeof loaded>, ...args: never[]) => unknown,
	) => vscode.commands.registerCommand(id, async (...args: never[]) => action(await load(), ...args));
	return vscode.Disposable.from(
		command("mcpMem0.testConnection", (diagnostics) => diagnostics.run("connection")),
		command("mcpMem0.testModel", (diagnostics) => diagnostics.run("model")),
		command("mcpMem0.testEmbeddings", (diagnostics) => diagnostics.run("embeddings")),
		command("mcpMem0.runDiagnostics", (diagnostics) => diagnostics.run("all")),
		// The report's links; a finding and a fix are named by their places in it.
		command("mcpMem0.applyFix", (diagnostics, id: string, index: number) => diagnostics.applyFix(id, index)),
		command("mcpMem0.copyReport", (diagnostics) => diagnostics.copy()),
		{ dispose: () => loaded?.dispose() },
	);
}
