import type { ModelMessage, ModelRequest } from "./scriptedModel.ts";

const margin = 9;
/** Columns of text beside it. */
const width = 90;

/** A session as its model saw it, without Copilot's own instructions, for people to read. */
export function transcriptOf(requests: readonly ModelRequest[], answer: string): string {
	const messages = requests.at(-1)?.messages ?? [];
	const told = messages.filter(({ role }) => role !== "system").flatMap(inLines);
	return [...told, indented("Copilot", answer)].join("\n\n");
}

function inLines({ role, content, calls }: ModelMessage): string[] {
	const called = calls.map(({ name, arguments: given }) => indented("Copilot", `→ ${name} ${given}`));
	if (role === "assistant") return content === "" ? called : [indented("Copilot", content), ...called];
	if (role === "tool") return [indented("Mem0", content)];
	// What hooks tell stands in messages of the user's, in tags.
	const plain = content.replace(/<current_datetime>.*?<\/current_datetime>\s*/gs, "");
	const reminders = [...plain.matchAll(/<system_reminder>(.*?)<\/system_reminder>/gs)].map(
		([, text = ""]) => text,
	);
	const said = plain.replace(/<system_reminder>.*?<\/system_reminder>/gs, "").trim();
	const speaker = said.startsWith("Long-term memory") ? "Mem0" : "You";
	return [
		...(said === "" ? [] : [indented(speaker, said)]),
		...reminders.filter((text) => text.includes("Mem0")).map((text) => indented("Mem0", text.trim())),
	];
}

function indented(speaker: string, text: string): string {
	const lines = text.split("\n").flatMap((line) => wrapped(line));
	return lines.map((line, at) => `${(at === 0 ? speaker : "").padEnd(margin)}${line}`).join("\n");
}

/** A line in as many as it needs, broken at spaces. */
function wrapped(line: string): string[] {
	const lines = [""];
	for (const word of line.split(" ")) {
		const last = lines.at(-1) ?? "";
		if (last === "") lines[lines.length - 1] = word;
		else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return lines;
}
