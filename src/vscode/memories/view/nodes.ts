import type { FoundMemory } from "../../../memory/requests.ts";
import type { Candidate } from "../../../store/candidates.ts";
import type { Memory, Project } from "../../../store/types.ts";
import type { TimeSpan } from "./timeSpans.ts";

/** What the tree shows. `id` is unique in the tree and stays the same, so that VS Code keeps selection and expansion. */
export type Node = Branch | MemoryNode | CandidateNode | MoreNode;

export interface Branch {
	readonly kind: "branch";
	readonly id: string;
	readonly title: BranchTitle;
	/** Undefined where counting would take too long: then there is at least one. */
	readonly count?: number;
	readonly content: Content;
	readonly parent?: Branch;
}

export type BranchTitle =
	| { readonly of: "here" | "project"; readonly project: Project }
	| { readonly of: "global" | "projects" | "waiting" | "deleted" }
	| { readonly of: "time"; readonly span: TimeSpan }
	/** Without a name: those of no known client, or of no conversation. */
	| { readonly of: "client" | "conversation"; readonly name?: string }
	/** Memories that say the same. */
	| { readonly of: "duplicates"; readonly text: string };

/** What is in a branch. */
export type Content =
	| { readonly of: "memories"; readonly place: Place }
	| { readonly of: "these"; readonly memories: readonly Memory[] }
	| { readonly of: "projects" | "waiting" | "deleted" };

/** Some of the memories. */
export interface Place {
	readonly scope: "all" | "global" | "project";
	readonly project?: Project;
	readonly since?: number;
	readonly until?: number;
	/** null: those of none. */
	readonly client?: string | null;
	readonly conversationId?: string | null;
}

export interface MemoryNode {
	readonly kind: "memory";
	readonly id: string;
	readonly memory: Memory;
	/** Set where a search found it. */
	readonly found?: Pick<FoundMemory, "score" | "weak">;
	/** When it was deleted, in ms since 1970. */
	readonly deletedAt?: number;
	readonly parent?: Branch;
}

export interface CandidateNode {
	readonly kind: "candidate";
	readonly id: string;
	readonly candidate: Candidate;
	readonly parent?: Branch;
}

/** Shows the next rows of a branch. */
export interface MoreNode {
	readonly kind: "more";
	readonly id: string;
	readonly parent: Branch;
	/** How many are not shown; undefined where nobody has counted them. */
	readonly left?: number;
}
