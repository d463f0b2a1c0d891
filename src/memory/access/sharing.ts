import * as l10n from "@vscode/l10n";
import { audienceOf, audiences, factsOf, isProposed, mayDo, type Viewer } from "../../store/access.ts";
import type { MemoryChange } from "../../store/changes.ts";
import type { Audience, Memory, NewMemory, Project, Visibility } from "../../store/types.ts";
import { InputError, InvalidValueError } from "../errors.ts";
import type { MemoryContext } from "../memoryContext.ts";

/** What decides on who asks, and on what becomes of a memory that is to be shared. */
export type Asker = Pick<MemoryContext, "userId" | "team" | "actor" | "reviews">;

/** Who asks for single memories, whose ids they have. */
export function viewerById({ userId, team, actor }: Asker): Viewer {
	return team ? { ...actor, projects: "all" } : userId;
}

/** Who asks for what they find, in the projects that they name. */
export function finderIn({ userId, team }: Asker, projects: readonly (Project | undefined)[]): Viewer {
	const ids = projects.flatMap((project) => project?.id ?? []);
	return team ? { userId, admin: false, projects: ids } : userId;
}

/** @throws InputError */
export function checkedAudience(value: unknown): Audience | undefined {
	if (value === undefined || audiences.includes(value as Audience)) return value as Audience | undefined;
	throw new InvalidValueError("visibility", String(value).slice(0, 100), `one of ${audiences.join(", ")}`);
}

/**
 * What a memory's visibility becomes.
 * @param project of the memory.
 * @throws InputError
 */
export function visibilityFor(
	{ team, actor, reviews }: Asker,
	audience: Audience,
	project: Project | undefined | null,
): Visibility {
	if (audience === "private") return "private";
	if (!team)
		throw new InputError(
			"visibility",
			"The memory has one user, and no team to share with. Leave visibility out.",
		);
	if (audience === "project" && !project)
		throw new InputError(
			"visibility",
			'The memory belongs to no project. Use visibility "team" or "private", or scope "project".',
		);
	return reviews && !actor.admin ? `proposed-${audience}` : audience;
}

/**
 * The visibility of a new memory: in a team, what is saved into a project is for all who work on it.
 * @throws InputError
 */
export function visibilityOfNew(
	asker: Asker,
	requested: unknown,
	project: Project | undefined,
): Pick<Memory, "visibility"> {
	const audience = checkedAudience(requested) ?? (asker.team && project ? "project" : "private");
	const visibility = visibilityFor(asker, audience, project);
	return visibility === "private" ? {} : { visibility };
}

/** Where an administrator decides what is shared, they have accepted what it said then, and for its project then. */
export function reviewedAnew(
	{ reviews, actor }: Asker,
	memory: Memory | undefined,
	{ text = memory?.text, metadata, project = memory?.project ?? null }: MemoryChange,
): Pick<MemoryChange, "visibility"> {
	if (!memory || !reviews || actor.admin) return {};
	const isSame = text === memory.text && metadata === undefined && project?.id === memory.project?.id;
	const audience = audienceOf(memory);
	const isLost = audience === "private" || (audience === "project" && !project);
	return isSame || isLost ? {} : { visibility: `proposed-${audience}` };
}

/**
 * A memory from a file: what was shared stays so where a whole memory is brought back, but nobody of a team shares with
 * others what a file says.
 */
export function asImported<M extends NewMemory>({ team }: Pick<Asker, "team">, memory: M): M {
	const { visibility, ...rest } = memory;
	const isStray = visibility !== undefined && audienceOf(memory) === "project" && !memory.project;
	return team || isStray || visibility === undefined ? (rest as M) : memory;
}

/** What people and agents are told of a memory that waits to be shared. */
export function waitsNote({ visibility }: Pick<Memory, "visibility">): string | undefined {
	return visibility && isProposed(visibility)
		? l10n.t("It is private until an administrator has accepted that it is shared.")
		: undefined;
}

/** Somebody may read a memory, but not do this. */
export class NotAllowedError extends InputError {
	readonly memory: Memory;

	constructor(memory: Memory, what: "change" | "share" | "delete") {
		// An administrator shares nothing that is private: nobody is told to ask one.
		const or = (memory.visibility ?? "private") === "private" ? "" : " or an administrator";
		super("id", `Only ${memory.userId}, who wrote it,${or} may ${what} this memory.`);
		this.memory = memory;
	}
}

/** @throws NotAllowedError */
export function checkAllowed(viewer: Viewer, what: "change" | "share" | "delete", memory: Memory): void {
	if (!mayDo(viewer, what, factsOf(memory))) throw new NotAllowedError(memory, what);
}
