import { type Action, accessCondition, type Viewer } from "../access.ts";
import type { Parameters } from "./database.ts";

const words = {
	userId: ":viewer",
	admin: ":admin",
	namesProject: "(:anyProject OR m.project_id IN (SELECT value FROM json_each(:named)))",
};

export interface Access {
	/** On `memories m`, or another table with its columns. */
	readonly condition: string;
	/** Exactly those of the condition. */
	readonly parameters: Parameters;
}

/** The memories with which the viewer may do this. */
export function accessTo(viewer: Viewer, action: Action): Access {
	const condition = accessCondition(viewer, action, words);
	if (typeof viewer === "string") return { condition, parameters: { viewer } };
	const { userId, admin, projects } = viewer;
	const named = {
		anyProject: projects === "all" ? 1 : 0,
		named: JSON.stringify(projects === "all" ? [] : projects),
	};
	return {
		condition,
		parameters: {
			...(condition.includes(words.userId) ? { viewer: userId } : {}),
			...(condition.includes(words.admin) ? { admin: admin ? 1 : 0 } : {}),
			...(condition.includes(words.namesProject) ? named : {}),
		},
	};
}
