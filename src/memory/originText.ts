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
	const where = file && lines ? `${file}:${lines[0] === lines[1] ? lines[0] : lines.join("-")}` : file;
	return [who ? `${who} (${ways[how]})` : ways[how], folder && `in ${folder}`, where]
		.filter(Boolean)
		.join(", ");
}
