import * as vscode from "vscode";
import { audiences } from "../../../store/access.ts";
import type { Project } from "../../../store/types.ts";
import { oneLine } from "../../../text/inert.ts";
import { fieldNames, readDocument } from "./frontMatter.ts";
import { problemText } from "./problems.ts";

export function diagnosticsOf(
	document: vscode.TextDocument,
	projects: readonly Project[],
): vscode.Diagnostic[] {
	return readDocument(document.getText(), projects).problems.map((problem) => {
		const range = new vscode.Range(document.positionAt(problem.from), document.positionAt(problem.to));
		const diagnostic = new vscode.Diagnostic(range, problemText(problem, projects));
		diagnostic.source = "Mem0";
		return diagnostic;
	});
}

/** Fields and their values, while one types in the front matter. */
export function completionsAt(
	document: vscode.TextDocument,
	position: vscode.Position,
	projects: readonly Project[],
): vscode.CompletionItem[] {
	const before = document.getText(new vscode.Range(new vscode.Position(0, 0), position));
	if (!before.startsWith("---") || /\n---/.test(before)) return [];
	const [, name, typed] = /^(\w*)(:\s*)?/.exec(before.slice(before.lastIndexOf("\n") + 1)) ?? [];
	const item = (label: string, kind: vscode.CompletionItemKind, insert = label) =>
		Object.assign(new vscode.CompletionItem(oneLine(label, 200), kind), { insertText: insert });
	if (typed === undefined)
		return fieldNames
			.filter((field) => !new RegExp(`^${field}:`, "m").test(document.getText()))
			.map((field) => item(field, vscode.CompletionItemKind.Property, `${field}: `));
	const values: Readonly<Record<string, readonly string[]>> = {
		scope: ["global", "project"],
		project: projects.map(({ id }) => id),
		visibility: audiences,
		pinned: ["true", "false"],
		expires: ["never", ...[30, 90, 365].map(dayIn)],
	};
	const space = typed.endsWith(" ") ? "" : " ";
	return (values[name ?? ""] ?? []).map((value) =>
		item(value, vscode.CompletionItemKind.Value, `${space}${value}`),
	);
}

function dayIn(days: number): string {
	return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
