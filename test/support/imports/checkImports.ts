import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { rooms, vscodeApi } from "./rooms.ts";

/** One file imports another. Paths are relative to `src`, with slashes. */
export interface Import {
	readonly from: string;
	readonly to: string;
}

/** The imports in a file's text that lead to other files of the project or to VS Code; those of types, too. */
export function importsIn(from: string, text: string): Import[] {
	return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]*|vscode)"/g)].map(([, path = ""]) => ({
		from,
		to: path === "vscode" ? vscodeApi : posix.join(posix.dirname(from), path),
	}));
}

/** Returns a line for each import that the table does not allow. */
export function forbidden(imports: readonly Import[], table = rooms): string[] {
	const roomOf = (path: string) =>
		Object.keys(table)
			.filter((room) => path === room || path.startsWith(`${room}/`))
			.sort((a, b) => b.length - a.length)[0];
	return imports.flatMap(({ from, to }) => {
		const room = roomOf(from);
		if (room === undefined) return [`${from}: its folder is not in the table of rooms`];
		const target = to === vscodeApi ? to : roomOf(to);
		const allowed = table[room] ?? [];
		if (target === room || allowed.some((each) => each === target || each === to)) return [];
		return [`${from}: ${room} may not import ${to}`];
	});
}

/** All imports of the sources. */
export async function projectImports(folder = "src", panel = "media/panel"): Promise<Import[]> {
	const read = async (root: string, prefix: string) => {
		const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith(".ts"));
		const imports = files.map(async (file) =>
			importsIn(posix.join(prefix, file.replaceAll("\\", "/")), await readFile(join(root, file), "utf8")),
		);
		return (await Promise.all(imports)).flat();
	};
	// The panel imports from `../../src`.
	const fromPanel = (await read(panel, "../media/panel")).map(({ from, to }) => ({
		from,
		to: to.replace(/^\.\.\/src\//, ""),
	}));
	return [...(await read(folder, "")), ...fromPanel];
}
