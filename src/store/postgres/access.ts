import { type Action, accessCondition, type Viewer } from "../access.ts";
import type { Parameters } from "./sql.ts";

const words = {
	userId: ":viewer",
	admin: ":admin::boolean",
	namesProject: "(:anyProject::boolean OR m.project_id = ANY (:named::text[]))",
};

export interface Access {
	/** On `memories m`, or another table with its columns. */
	readonly condition: string;
	readonly parameters: Parameters;
}

/** The memories with which the viewer may do this. */
export function accessTo(viewer: Viewer, action: Action): Access {
	const condition = accessCondition(viewer, action, words);
	if (typeof viewer === "string") return { condition, parameters: { viewer } };
	const { userId, admin, projects } = viewer;
	return {
		condition,
		parameters: {
			viewer: userId,
			admin,
			anyProject: projects === "all",
			named: projects === "all" ? [] : projects,
		},
	};
}

/** What a value `f` of the type `filter` lets its user find; `f.named` is NULL for a person alone. */
export const foundBy = `(m.user_id = f.user_id OR (f.named IS NOT NULL AND ${accessCondition(
	{ userId: "", admin: false, projects: [] },
	"find",
	{ userId: "f.user_id", admin: "false", namesProject: "m.project_id = ANY (f.named)" },
)}))`;
