import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OwnFile } from "./ownFile.ts";

/** What agents are told about the memory; the extension brings the same files to VS Code. */
export interface AgentTexts {
	/** A skill, with its head. */
	readonly skill: string;
	/** Instructions in the form of VS Code and Copilot, with their head. */
	readonly instructions: string;
}

/** The name of the skill, which is also that of its folder. */
export const skillName = "mem0-memory";

/** @param media the folder `media` of the installation. */
export async function readAgentTexts(media: string): Promise<AgentTexts> {
	const read = (...path: string[]) => readFile(join(media, "agents", ...path), "utf8");
	const [skill, instructions] = await Promise.all([
		read("skills", skillName, "SKILL.md"),
		read("mem0.instructions.md"),
	]);
	return { skill, instructions };
}

/** A text without its head in YAML. */
export function withoutHead(text: string): string {
	return text.replace(/^---\n[\s\S]*?\n---\n+/, "");
}

/** The skill in a client's folder of skills. @param within stays, even if it is empty then: the client's own folder. */
export function skillIn(folder: string, { skill }: AgentTexts, within: string = folder): OwnFile {
	return { file: join(folder, "skills", skillName, "SKILL.md"), text: skill, within };
}
