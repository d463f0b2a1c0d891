import * as vscode from "vscode";
import type { Deps } from "../deps.ts";

/** `Mem0: Run All Diagnostics`, its parts, and `Mem0: Show Log`. The first diagnostics load what they need. */
export function registerDiagnostics(deps: Deps): vscode.Disposable {
	let loaded: import("./diagnostics.ts").Diagnostics | undefined;
	const load = async () => {
		const { Diagnostics } = await import("./diagnostics.ts");
		loaded ??= new Diagnostics(deps);
		return loaded;
	};
	const command = (
		id: string,
		action: (diagnostics: NonNullable<typeof loaded>, ...args: never[]) => unknown,
	) => vscode.commands.registerCommand(id, async (...args: never[]) => action(await load(), ...args));
	return vscode.Disposable.from(
		command("mcpMem0.testConnection", (diagnostics) => diagnostics.run("connection")),
		command("mcpMem0.testModel", (diagnostics) => diagnostics.run("model")),
		command("mcpMem0.testEmbeddings", (diagnostics) => diagnostics.run("embeddings")),
		command("mcpMem0.runDiagnostics", (diagnostics) => diagnostics.run("all")),
		// The report's links: the id of a finding, and the index of a fix in it.
		command("mcpMem0.applyFix", (diagnostics, id: string, index: number) => diagnostics.applyFix(id, index)),
		command("mcpMem0.copyReport", (diagnostics) => diagnostics.copy()),
		vscode.commands.registerCommand("mcpMem0.showLog", () => deps.log.show()),
		{ dispose: () => loaded?.dispose() },
	);
}
