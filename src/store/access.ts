/*
 * Who may do what with a memory: one table, from which the function and the conditions of both databases are made.
 */

/** Who finds a memory, beside its author. `project`: those of the team whose request names its project. */
export type Visibility = "private" | "project" | "team";

export const visibilities: readonly Visibility[] = ["private", "project", "team"];

/** Somebody of a team. */
export interface Member {
	readonly userId: string;
	readonly admin: boolean;
	/** The ids of the projects that the request names; `all`: it names single memories, whose ids it has. */
	readonly projects: readonly string[] | "all";
}

/** Who asks the store: a person alone, by their id, who has only what is theirs; or somebody of a team. */
export type Viewer = string | Member;

/** What decides on access to a memory. */
export interface MemoryFacts {
	readonly author: string;
	readonly visibility: Visibility;
	/** Absent or null: global. */
	readonly projectId?: string | null | undefined;
}

/**
 * - `find`: it is in lists, searches, counts and groups, and makes what says the same a duplicate.
 * - `read`: by its id, with its history.
 * - `change`: text and fields; `delete`: also restore.
 * - `share`: change who finds it. `propose`: ask its author or an admin to change it.
 * - `erase`: purge, take out secrets, embed again, export.
 */
export type Action = "find" | "read" | "propose" | "change" | "share" | "delete" | "erase";

/** How somebody stands to a memory. */
type Relation = "author" | "ofProject" | "ofTeam" | "admin" | "adminOfShared";

/** An administrator finds no private memory of others by chance: only who has its id reads it. */
const whoMay: Readonly<Record<Action, readonly Relation[]>> = {
	find: ["author", "ofProject", "ofTeam"],
	read: ["author", "ofProject", "ofTeam", "admin"],
	propose: ["author", "ofProject", "ofTeam"],
	change: ["author", "admin"],
	share: ["author", "adminOfShared"],
	delete: ["author", "admin"],
	erase: ["author", "admin"],
};

export const actions = Object.keys(whoMay) as readonly Action[];

const holds: Readonly<Record<Relation, (member: Member, memory: MemoryFacts) => boolean>> = {
	author: ({ userId }, { author }) => userId === author,
	ofProject: ({ projects }, { visibility, projectId }) =>
		visibility === "project" && (projects === "all" || (projectId != null && projects.includes(projectId))),
	ofTeam: (_, { visibility }) => visibility === "team",
	admin: ({ admin }) => admin,
	adminOfShared: ({ admin }, { visibility }) => admin && visibility !== "private",
};

export function mayDo(viewer: Viewer, action: Action, memory: MemoryFacts): boolean {
	if (typeof viewer === "string") return viewer === memory.author;
	return whoMay[action].some((relation) => holds[relation](viewer, memory));
}

/** How a database says what a condition needs, by its parameters. */
export interface AccessWords {
	readonly userId: string;
	readonly admin: string;
	/** Whether the request names the project of `m`. */
	readonly namesProject: string;
}

/** The memories `m` with which the viewer may do this, as an SQL condition. */
export function accessCondition(viewer: Viewer, action: Action, words: AccessWords): string {
	const { userId, admin, namesProject } = words;
	const own = `m.user_id = ${userId}`;
	if (typeof viewer === "string") return own;
	const conditions: Readonly<Record<Relation, string>> = {
		author: own,
		ofProject: `(m.visibility = 'project' AND ${namesProject})`,
		ofTeam: "m.visibility = 'team'",
		admin,
		adminOfShared: `(${admin} AND m.visibility <> 'private')`,
	};
	return `(${whoMay[action].map((relation) => conditions[relation]).join(" OR ")})`;
}

export function userIdOf(viewer: Viewer): string {
	return typeof viewer === "string" ? viewer : viewer.userId;
}
