import type { GroupedBy, GroupPage } from "../store/lists.ts";
import type { Project } from "../store/types.ts";
import { finderIn } from "./access/sharing.ts";
import type { MemoryContext } from "./memoryContext.ts";

/** Projects of a user's own that are looked into for what others share. */
const mostProjects = 200;

/** The memories by what they have in common. @param project the one that the caller is in. */
export async function memoryGroups(
	context: MemoryContext,
	by: GroupedBy,
	limit: number,
	after: string | undefined,
	project: Project | undefined,
): Promise<GroupPage> {
	const { memories } = context.store;
	const viewer = finderIn(context, [project]);
	if (typeof viewer === "string" || by !== "project") return memories.groups(viewer, by, limit, after);
	// Whoever has saved anything in a project works on it.
	const { groups: own } = await memories.groups(viewer.userId, by, mostProjects);
	const projects = [...viewer.projects, ...own.flatMap(({ key }) => key ?? [])];
	return memories.groups({ ...viewer, projects }, by, limit, after);
}
