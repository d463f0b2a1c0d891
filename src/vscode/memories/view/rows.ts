import { l10n } from "vscode";
import type { Candidate } from "../../../store/candidates.ts";
import type { Memory, Origin, Visibility } from "../../../store/types.ts";
import { oneLine } from "../../../text/inert.ts";
import { ageOf, language } from "../../../text/wording.ts";
import type { TreeRow } from "../../treeUi.ts";
import type { Branch, BranchTitle, CandidateNode, MemoryNode, MoreNode, Node } from "./nodes.ts";
import type { TimeSpan } from "./timeSpans.ts";

/** Characters of a text in a row. What is longer would leave no room for its age and origin; the hover has all of it. */
const longestLine = 50;

export function rowOf(node: Node): TreeRow {
	switch (node.kind) {
		case "branch":
			return branchRow(node);
		case "memory":
			return memoryRow(node);
		case "candidate":
			return candidateRow(node);
		case "more":
			return moreRow(node);
	}
}

const expandedAtFirst: readonly BranchTitle["of"][] = ["here", "global", "waiting", "duplicates"];

function branchRow({ id, title, count, content }: Branch): TreeRow {
	const empty = count === 0 && content.of === "memories";
	return {
		id,
		icon: branchIcons[title.of],
		label: branchLabel(title),
		description: branchDescription(title, count),
		context: `branch.${title.of}`,
		children: empty ? "none" : expandedAtFirst.includes(title.of) ? "expanded" : "collapsed",
	};
}

const branchIcons = {
	here: "root-folder",
	project: "folder",
	projects: "folder-library",
	global: "globe",
	waiting: "inbox",
	deleted: "trash",
	time: "calendar",
	client: "hubot",
	conversation: "comment-discussion",
	duplicates: "files",
} as const satisfies Record<BranchTitle["of"], string>;

function branchLabel(title: BranchTitle): string {
	switch (title.of) {
		case "here":
			return l10n.t("This project");
		case "project":
			return title.project.name;
		case "global":
			return l10n.t("Global");
		case "projects":
			return l10n.t("Other projects");
		case "waiting":
			return l10n.t("Waiting for review");
		case "deleted":
			return l10n.t("Recently deleted");
		case "time":
			return spanLabel(title.span);
		case "client":
			return title.name ?? l10n.t("Unknown client");
		case "conversation":
			return title.name ?? l10n.t("No conversation");
		case "duplicates":
			return oneLine(title.text, longestLine);
	}
}

function branchDescription(title: BranchTitle, count: number | undefined): string {
	return [title.of === "here" && title.project.name, count].filter((part) => part || part === 0).join(" · ");
}

function spanLabel(span: TimeSpan): string {
	return {
		today: l10n.t("Today"),
		yesterday: l10n.t("Yesterday"),
		week: l10n.t("Last 7 days"),
		month: l10n.t("Last 30 days"),
		older: l10n.t("Older"),
	}[span];
}

function memoryRow({ id, memory, found, deletedAt, parent }: MemoryNode): TreeRow {
	const text = oneLine(firstLine(memory.text), longestLine);
	// A narrow side bar has no room for a description, and a score tells a good result from a weak one.
	const label = found ? l10n.t("{0} %  {1}", Math.round(found.score * 100), text) : text;
	const facts = [
		found?.weak && l10n.t("weak match"),
		memory.supersededBy !== undefined && l10n.t("superseded"),
		isExpired(memory) && l10n.t("expired"),
		memory.keptHere && l10n.t("waits to be delivered"),
		deletedAt === undefined ? ageOf(memory.createdAt) : l10n.t("deleted {0}", ageOf(deletedAt)),
		memory.origin && originLabel(memory.origin),
		sharingLabel(memory),
		// The branch says it elsewhere.
		parent?.content.of !== "memories" && (memory.project?.name ?? l10n.t("global")),
	];
	const description = facts.filter((fact) => typeof fact === "string").join(" · ");
	const kind = deletedAt === undefined ? (memory.pinned ? "memory.pinned" : "memory") : "deleted";
	return {
		id,
		icon: deletedAt !== undefined ? "trash" : memory.pinned ? "pinned" : originIcon(memory),
		label,
		description,
		context: kind,
		children: "none",
		said: [memory.pinned && l10n.t("pinned"), label, description].filter(Boolean).join(", "),
		...(deletedAt === undefined
			? { command: { id: "mcpMem0.memory.open", title: l10n.t("Open"), arguments: [{ memory }] } }
			: {}),
	};
}

/** Even a narrow side bar tells people's memories from those of agents, and which of them the database lacks. */
function originIcon({ origin, keptHere }: Memory): string {
	if (keptHere) return "cloud-upload";
	if (!origin) return "note";
	return {
		tool: "hubot",
		command: "account",
		cli: "terminal",
		hook: "zap",
		capture: "eye",
		import: "cloud-download",
		review: "checklist",
	}[origin.how];
}

function candidateRow({ id, candidate }: CandidateNode): TreeRow {
	const label = oneLine(firstLine(candidate.text), longestLine);
	const facts = [
		proposalLabel(candidate),
		ageOf(candidate.createdAt),
		candidate.origin && originLabel(candidate.origin),
		candidate.project?.name ?? l10n.t("global"),
	];
	const description = facts.filter(Boolean).join(" · ");
	return {
		id,
		icon: candidate.action === undefined ? "lightbulb" : "git-merge",
		label,
		description,
		context: candidate.action === undefined ? "candidate" : `candidate.${candidate.action}`,
		children: "none",
		said: `${label}, ${description}`,
		command: { id: "mcpMem0.review.open", title: l10n.t("Review"), arguments: [{ candidate }] },
	};
}

function moreRow({ id, left, parent }: MoreNode): TreeRow {
	return {
		id,
		icon: "ellipsis",
		label: left === undefined ? l10n.t("Show more") : l10n.t("Show more ({0} left)", left),
		context: "more",
		children: "none",
		command: { id: "mcpMem0.view.showMore", title: l10n.t("Show more"), arguments: [parent.id] },
	};
}

/** The whole text and all that is known of it, as lines. */
export function hoverOf(node: Node): string | undefined {
	if (node.kind === "memory") return memoryHover(node);
	if (node.kind === "candidate") return candidateHover(node.candidate);
	return undefined;
}

function memoryHover({ memory, found, deletedAt }: MemoryNode): string {
	const { createdAt, updatedAt, pinned, expiresAt, uses, usedAt } = memory;
	return lines(memory, [
		l10n.t("Saved: {0}", moment(createdAt)),
		updatedAt > createdAt && l10n.t("Changed: {0}", moment(updatedAt)),
		deletedAt !== undefined && l10n.t("Deleted: {0}", moment(deletedAt)),
		found && l10n.t("Score: {0} %", Math.round(found.score * 100)),
		pinned && l10n.t("Pinned"),
		memory.visibility && l10n.t("Author: {0}", oneLine(memory.userId)),
		memory.visibility && l10n.t("Visibility: {0}", visibilityLabel(memory.visibility)),
		expiresAt !== undefined &&
			(isExpired(memory)
				? l10n.t("Expired: {0}", moment(expiresAt))
				: l10n.t("Expires: {0}", moment(expiresAt))),
		memory.supersededBy !== undefined && l10n.t("A newer memory has taken its place"),
		uses !== undefined && usedAt !== undefined && l10n.t("Found: {0} ×, last {1}", uses, moment(usedAt)),
	]);
}

function candidateHover(candidate: Candidate): string {
	return lines(candidate, [
		candidate.why && l10n.t("Why: {0}", whyText(candidate.why)),
		candidate.excerpt && l10n.t("From: {0}", oneLine(candidate.excerpt, 1000)),
		l10n.t("Proposed: {0}", moment(candidate.createdAt)),
	]);
}

function lines(
	{ text, project, origin, conversationId }: Memory | Candidate,
	facts: readonly (string | false | undefined)[],
): string {
	const place = project ? l10n.t("Project: {0} ({1})", project.name, project.id) : l10n.t("Scope: global");
	const known = [
		...facts,
		oneLine(place),
		origin && l10n.t("By: {0}", originDetails(origin)),
		conversationId && l10n.t("Conversation: {0}", oneLine(conversationId)),
	];
	return [text, "", ...known.filter((fact) => typeof fact === "string")].join("\n");
}

/** Of what is shared, who wrote it and who finds it. */
function sharingLabel({ userId, visibility }: Memory): string | undefined {
	return visibility && `${oneLine(userId, 40)} (${visibilityLabel(visibility)})`;
}

export function visibilityLabel(visibility: Visibility): string {
	return {
		private: l10n.t("private"),
		project: l10n.t("shared with the project"),
		team: l10n.t("shared with the team"),
		"proposed-project": l10n.t("to be shared with the project"),
		"proposed-team": l10n.t("to be shared with the team"),
	}[visibility];
}

/** Who saved it and how, in a few words. */
function originLabel({ client, how }: Origin): string {
	return oneLine(client ?? howLabel(how), 60);
}

export function originDetails({ client, clientVersion, how, folder, file, lines: range }: Origin): string {
	const program = client && [client, clientVersion].filter(Boolean).join(" ");
	const at = file && (range ? l10n.t("{0}, lines {1} to {2}", file, ...range) : file);
	return oneLine([program, howLabel(how), folder, at].filter(Boolean).join(", "));
}

export function howLabel(how: Origin["how"]): string {
	return {
		tool: l10n.t("an agent’s tool"),
		command: l10n.t("a command in VS Code"),
		cli: l10n.t("the command line"),
		hook: l10n.t("a hook"),
		capture: l10n.t("capture"),
		import: l10n.t("import"),
		review: l10n.t("review"),
	}[how];
}

/** Why something is proposed. A process without a window may have written it, hence in English. */
export function whyText(why: string): string {
	return oneLine(l10n.bundle?.[why] ?? why);
}

/** What a proposal would do. */
export function proposalLabel({ action, kind }: Candidate): string {
	if (kind === "conflict") return l10n.t("changed in two places");
	if (action === "merge") return l10n.t("merge");
	if (action === "supersede") return l10n.t("contradicts an older one");
	if (action === "delete") return l10n.t("stale");
	if (action === "split") return l10n.t("too long");
	if (action === "edit") return l10n.t("a colleague’s text");
	if (action === "share") return l10n.t("share");
	return kind === "import" ? l10n.t("import") : l10n.t("new");
}

function firstLine(text: string): string {
	return text.trimStart().split("\n", 1)[0] ?? "";
}

export function isExpired({ expiresAt }: Pick<Memory, "expiresAt">, now: number = Date.now()): boolean {
	return expiresAt !== undefined && expiresAt <= now;
}

function moment(time: number): string {
	const date = new Date(time).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
	return `${date} (${ageOf(time)})`;
}
