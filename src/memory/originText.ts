import type { How, Origin } from "../store/types.ts";

const ways: Readonly<Record<How, string>> = {
	tool: "tool",
	command: "command",
	cli: "command line",
	hook: "hook",
	capture: "captured",
	import: "imported",
	review: "reviewed",
};

/** For people and models, such as `claude-code 2.1 (tool), in alpha, src/a.ts:3-7`. */
export function originText({ how, client, clientVersion, folder, file, lines }: Origin): string {
	const who = [client, clientVersion].filter((part) => part !== undefined).join(" ");
	// A newer server knows more ways.
	const way = ways[how] ?? how;
	return [who ? `${who} (${way})` : way, folder && `in ${folder}`, placeInFile({ file, lines })]
		.filter(Boolean)
		.join(", ");
}

/** Such as `notes.md:3`, or `src/a.ts:3-7`; undefined if no file is known. */
export function placeInFile({
	file,
	lines,
}: { readonly [Key in "file" | "lines"]?: Origin[Key] | undefined }) {
	return file && lines ? `${file}:${lines[0] === lines[1] ? lines[0] : lines.join("-")}` : file;
}
