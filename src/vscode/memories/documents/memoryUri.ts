import * as vscode from "vscode";
import { oneLine } from "../../../text/inert.ts";

export const memoryScheme = "mem0";

/** `mem0:/<id>/<first words>.md`: the id finds the memory, the words are for people. */
export function memoryUri(id: string, text: string): vscode.Uri {
	const open = openUri(id);
	return open ?? vscode.Uri.from({ scheme: memoryScheme, path: `/${id}/${fileName(text)}` });
}

/** A document keeps its address when its first words change; opened again, it must not be a second one. */
function openUri(id: string): vscode.Uri | undefined {
	return vscode.workspace.textDocuments.find(({ uri }) => memoryIdOf(uri) === id)?.uri;
}

/** Undefined if it is not a memory's. */
export function memoryIdOf({ scheme, path }: vscode.Uri): string | undefined {
	const [, id, name, more] = path.split("/");
	// Documents that are no memory yet are in folders of their own.
	return scheme === memoryScheme && id && id !== "new" && name && more === undefined ? id : undefined;
}

/** The first words of a text as the name of a file. */
export function fileName(text: string): string {
	const words = oneLine(text, 60)
		.replace(/…$/, "")
		.replace(/[\\/:*?"<>|#%]+/g, " ")
		.split(/\s+/)
		.filter(Boolean)
		.slice(0, 7)
		.join(" ")
		.replace(/^[.\s]+|[.\s]+$/g, "");
	return `${words || "memory"}.md`;
}
