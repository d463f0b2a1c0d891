import type { Project } from "../store/types.ts";
import { readGitFile } from "./gitFiles.ts";
import { identifyProject } from "./project.ts";

/** A folder counts as a project when it is in a git repository; clients start servers in all sorts of other places. */
export async function projectOf(folder: string): Promise<Project | undefined> {
	let repository = false;
	const project = await identifyProject(folder, async (path) => {
		const text = await readGitFile(path);
		repository ||= text !== undefined;
		return text;
	});
	return repository ? project : undefined;
}
