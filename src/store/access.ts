/*
 * Who may do what with a memory: one table, from which the function and the conditions of both databases are made.
 */

import type { Audience, Memory, NewMemory, Visibility } from "./types.ts";

export const audiences: readonly Audience[] = ["private", "project", "team"];

/** The narrowest first. */
export const visibilities: readonly Visibility[] = [
	"private",
	"proposed-project",
	"proposed-team",
	"project",
	"team",
];

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
 * - `share`: change who finds it. `propose`: ask its author to change it. `review`: decide whether it is shared.
 * - `erase`: purge, take out secrets, embed again, export.
 */
export type Action = "find" | "read" | "propose" | "change" | "share" | "review" | "delete" | "erase";

/** How somebody stands to a memory. */
type Relation = "author" | "ofProject" | "ofTeam" | "admin" | "adminOfShared" | "adminOfProposed";

/** An administrator finds no private memory of others by chance: only who has its id reads it. */
const whoMay: Readonly<Record<Action, readonly Relation[]>> = {
	find: ["author", "ofProject", "ofTeam"],
	read: ["author", "ofProject", "ofTeam", "admin"],
	propose: ["author", "ofProject", "ofTeam"],
	change: ["author", "admin"],
	share: ["author", "adminOfShared"],
	review: ["adminOfProposed"],
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
	adminOfProposed: ({ admin }, { visibility }) => admin && isProposed(visibility),
};

export function isProposed(visibility: Visibility): boolean {
	return visibility === "proposed-project" || visibility === "proposed-team";
}

/** Whom the author wants to find it. */
export function audienceOf({ visibility = "private" }: MemoryVisibility): Audience {
	return visibility.replace("proposed-", "") as Audience;
}

export function mayDo(viewer: Viewer, action: Action, memory: MemoryFacts): boolean {
	if (typeof viewer === "string") return viewer === memory.author;
	return whoMay[action].some((relation) => holds[relation](viewer, memory));
}

/** Whether a memory with the same words makes a new one needless. */
export function isDuplicateFor(known: NewMemory, added: NewMemory): boolean {
	if (known.scope === "project" && known.project?.id !== added.project?.id) return false;
	if (known.userId === added.userId) return true;
	if (!added.visibility || !known.visibility || isProposed(known.visibility)) return false;
	return known.visibility === "team" || audienceOf(added) === "project";
}

/** What is shared with the team also says it to those of a project. */
export function isSharedAsWidely(known: MemoryVisibility, wanted: MemoryVisibility): boolean {
	const width = ({ visibility = "private" }: MemoryVisibility) => visibilities.indexOf(visibility);
	return width(known) >= width(wanted);
}

/** The memories `m` that are shared as widely as another, as an SQL condition. */
export function asWideCondition(wanted: MemoryVisibility): string {
	const wide = visibilities.filter((visibility) => isSharedAsWidely({ visibility }, wanted));
	return `m.visibility IN (${wide.map((visibility) => `'${visibility}'`).join(", ")})`;
}

/** What makes a memory shared as widely as one that says the same and comes later. */
export function widened(known: MemoryVisibility, again: MemoryVisibility) {
	return isSharedAsWidely(known, again) ? {} : { visibility: again.visibility as Visibility };
}

interface MemoryVisibility {
	readonly visibility?: Visibility | undefined;
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
		adminOfProposed: `(${admin} AND m.visibility IN ('proposed-project', 'proposed-team'))`,
	};
	return `(${whoMay[action].map((relation) => conditions[relation]).join(" OR ")})`;
}

/** Whether the viewer may give the memory the visibility that a change gives it. */
export function mayShare(
	viewer: Viewer,
	memory: Shared,
	{ visibility }: { readonly visibility?: Visibility | undefined },
): boolean {
	if (visibility === undefined || visibility === (memory.visibility ?? "private")) return true;
	return mayDo(viewer, "share", factsOf(memory));
}

type Shared = Pick<Memory, "userId" | "visibility" | "project">;

export function factsOf(memory: Shared): MemoryFacts {
	const { userId: author, visibility = "private", project } = memory;
	return { author, visibility, projectId: project?.id };
}

/** Who asks with a filter. */
export function viewerOf({ userId, named }: { readonly userId: string; readonly named?: readonly string[] }) {
	return named ? { userId, admin: false, projects: named } : userId;
}

export function userIdOf(viewer: Viewer): string {
	return typeof viewer === "string" ? viewer : viewer.userId;
}

/** Who did it to the memory, if it is another's. */
export function byAnother(viewer: Viewer, { userId }: Pick<Memory, "userId">): { readonly by?: string } {
	return userIdOf(viewer) === userId ? {} : { by: userIdOf(viewer) };
}
