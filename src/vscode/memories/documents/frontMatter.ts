import * as l10n from "@vscode/l10n";
import { type Document, parseDocument, stringify, type YAMLMap } from "yaml";
import { checkedTime } from "../../../memory/input.ts";
import { audienceOf, audiences } from "../../../store/access.ts";
import type { Audience, Memory, Project } from "../../../store/types.ts";

/** What a memory's document says above its text. */
export interface Fields {
	readonly scope: "global" | "project";
	readonly project?: Project;
	readonly pinned: boolean;
	/** ms since 1970. */
	readonly expiresAt?: number;
	readonly metadata?: Readonly<Record<string, unknown>>;
	/** In a team; absent: private. */
	readonly visibility?: Audience;
	/** The id of the memory that has taken its place. */
	readonly supersededBy?: string;
}

/** Something in the front matter that cannot be saved, from one offset in the document to another. */
export interface Problem {
	readonly kind:
		| "syntax"
		| "unopened"
		| "unclosed"
		| "unknownKey"
		| "scope"
		| "project"
		| "noProject"
		| "globalProject"
		| "pinned"
		| "expires"
		| "visibility"
		| "metadata"
		| "supersededBy";
	/** What stands there. */
	readonly value: string;
	readonly from: number;
	readonly to: number;
}

export interface ParsedDocument {
	/** Without the front matter. */
	readonly text: string;
	/** Undefined without front matter: the memory keeps what it has. */
	readonly fields: Fields | undefined;
	readonly problems: readonly Problem[];
}

export const fieldNames = [
	"scope",
	"project",
	"visibility",
	"pinned",
	"expires",
	"metadata",
	"supersededBy",
] as const;
type FieldName = (typeof fieldNames)[number];

const fence = /^---[ \t]*$/m;
/** What is left of it when its first line was damaged. A key press meant for the view is enough. */
const unopened =
	/^\ufeff?(?:-{0,2}[ \t]*\r?\n)?scope:[ \t]*(?:global|project)[ \t]*\r?\n(?:[\s\S]*?\n)?---[ \t]*(?:\r?\n|$)/;
const lastOfDay = "T23:59:59.999Z";

/** The document of a memory. */
export function renderDocument(
	memory: Pick<
		Memory,
		"text" | "scope" | "project" | "pinned" | "expiresAt" | "metadata" | "supersededBy" | "visibility"
	>,
): string {
	const { scope, project, pinned, expiresAt, metadata, supersededBy, text } = memory;
	const head = stringify(
		{
			scope,
			...(project ? { project: project.id } : {}),
			...(memory.visibility ? { visibility: audienceOf(memory) } : {}),
			pinned: pinned === true,
			expires: expiresAt === undefined ? "never" : shownTime(expiresAt),
			...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}),
			...(supersededBy === undefined ? {} : { supersededBy }),
		},
		{ lineWidth: 0 },
	);
	return `---\n${head}---\n\n${text}\n`;
}

/** A day that ends it is shown as the day. */
function shownTime(time: number): string {
	const iso = new Date(time).toISOString();
	return iso.endsWith(lastOfDay) ? iso.slice(0, -lastOfDay.length) : iso;
}

/** @param projects those a memory can be moved to, by id or by a name that only one of them has. */
export function readDocument(document: string, projects: readonly Project[]): ParsedDocument {
	const opening = /^\ufeff?---[ \t]*\r?\n/.exec(document)?.[0];
	if (opening === undefined) {
		const to = Math.max(1, document.indexOf("\n"));
		const problems = unopened.test(document) ? [{ kind: "unopened", value: "", from: 0, to } as const] : [];
		return { text: document.trim(), fields: undefined, problems };
	}
	const rest = document.slice(opening.length);
	const closing = fence.exec(rest.replaceAll("\r", " "));
	if (!closing) {
		const problem: Problem = { kind: "unclosed", value: "", from: 0, to: opening.trimEnd().length };
		return { text: "", fields: undefined, problems: [problem] };
	}
	const text = rest.slice(closing.index + closing[0].length).trim();
	const { fields, problems } = readFields(rest.slice(0, closing.index), opening.length, projects);
	return { text, fields, problems };
}

type Found = { readonly value: unknown; readonly from: number; readonly to: number };

function readFields(yaml: string, offset: number, projects: readonly Project[]) {
	const parsed = parseDocument(yaml, { prettyErrors: false, logLevel: "silent" });
	const problems: Problem[] = parsed.errors.map(({ message, pos: [from, to] }) => ({
		kind: "syntax",
		value: message,
		from: offset + from,
		to: offset + Math.max(to, from + 1),
	}));
	if (problems.length > 0) return { fields: undefined, problems };
	const report = (kind: Problem["kind"], { value, from, to }: Found) => {
		problems.push({ kind, value: typeof value === "string" ? value : JSON.stringify(value), from, to });
		return undefined;
	};
	const values = valuesOf(parsed);
	if (typeof values === "string") {
		report("syntax", { value: values, from: offset, to: offset + Math.max(1, yaml.length) });
		return { fields: undefined, problems };
	}
	const places = placesOf(parsed.contents as YAMLMap | null, offset);
	const found = (name: FieldName): Found | undefined => {
		const value = values[name];
		return value === undefined || value === null
			? undefined
			: { value, from: offset, to: offset + 1, ...places.get(name) };
	};
	for (const [key, place] of places)
		if (!fieldNames.includes(key as FieldName)) report("unknownKey", { value: key, ...place });

	const scope = scopeOf(found("scope"), found("project"), report);
	const project = scope === "project" ? projectOf(found("project"), projects, report) : undefined;
	const given = found("project");
	if (scope === "global" && given) report("globalProject", given);
	if (scope === "project" && !given)
		report("noProject", { value: "", from: offset, to: offset + Math.max(1, yaml.indexOf("\n")) });
	const pinned = found("pinned");
	if (pinned && typeof pinned.value !== "boolean") report("pinned", pinned);
	const expiresAt = expiryOf(found("expires"), report);
	const visibility = found("visibility");
	if (visibility && !audiences.includes(visibility.value as Audience)) report("visibility", visibility);
	const metadata = found("metadata");
	if (metadata && (typeof metadata.value !== "object" || Array.isArray(metadata.value)))
		report("metadata", metadata);
	const supersededBy = found("supersededBy");
	if (supersededBy && typeof supersededBy.value !== "string") report("supersededBy", supersededBy);
	if (problems.length > 0 || scope === undefined) return { fields: undefined, problems };
	const fields: Fields = {
		scope,
		pinned: pinned?.value === true,
		...(project ? { project } : {}),
		...(expiresAt === undefined ? {} : { expiresAt }),
		...(visibility ? { visibility: visibility.value as Audience } : {}),
		...(metadata ? { metadata: metadata.value as Readonly<Record<string, unknown>> } : {}),
		...(supersededBy ? { supersededBy: supersededBy.value as string } : {}),
	};
	return { fields, problems };
}

/** What a front matter says; or, in words, why it says nothing. */
function valuesOf(parsed: Document): Readonly<Record<string, unknown>> | string {
	try {
		const values = (parsed.toJS() as unknown) ?? {};
		if (typeof values === "object" && !Array.isArray(values)) return values as Record<string, unknown>;
		return l10n.t("fields are lines such as scope: global");
	} catch (error) {
		// An alias without its anchor, or one within itself.
		return error instanceof Error ? error.message : String(error);
	}
}

type Report = (kind: Problem["kind"], found: Found) => undefined;

function scopeOf(scope: Found | undefined, project: Found | undefined, report: Report) {
	if (!scope) return project ? "project" : "global";
	if (scope.value === "global" || scope.value === "project") return scope.value;
	return report("scope", scope);
}

function projectOf(found: Found | undefined, projects: readonly Project[], report: Report) {
	if (!found) return undefined;
	const named = projects.filter(({ name }) => name === found.value);
	const project =
		projects.find(({ id }) => id === found.value) ?? (named.length === 1 ? named[0] : undefined);
	return project ?? report("project", found);
}

function expiryOf(found: Found | undefined, report: Report): number | undefined {
	if (!found || found.value === "never") return undefined;
	if (typeof found.value !== "string") return report("expires", found);
	try {
		return checkedTime("expires", found.value, true);
	} catch {
		// What is wrong with it is told at its place in the document.
		return report("expires", found);
	}
}

/** Where the value of each key stands; of an unknown key, where the key does. */
function placesOf(map: YAMLMap | null, offset: number): ReadonlyMap<string, Omit<Found, "value">> {
	const places = new Map<string, Omit<Found, "value">>();
	for (const { key, value } of map?.items ?? []) {
		const name = String((key as { readonly value?: unknown }).value ?? key);
		const known = fieldNames.includes(name as FieldName);
		const at = (known ? value : key) as { readonly range?: readonly [number, number, number] | null } | null;
		const [from, to] = at?.range ?? (key as { readonly range?: readonly [number, number] }).range ?? [0, 1];
		places.set(name, { from: offset + from, to: offset + Math.max(to, from + 1) });
	}
	return places;
}
