import type { Source } from "./sources.ts";
import { isVariable, type VariableName, variables } from "./variables.ts";

/** A line or a name that sets nothing, though it seems to be meant to. */
export interface Unread {
	/** As it is written, without a value; undefined where it may be a secret. */
	readonly written: string | undefined;
	/** What it seems to be meant for. */
	readonly variable: VariableName | undefined;
	/** "line 2 of /home/ada/.env", or "the environment". */
	readonly place: string;
	/** Another program's name in the environment: no reason to doubt a default. */
	readonly ofOthers?: boolean;
}

/** Names that are read or answered elsewhere. */
const known = new Set(["DEBUG", "OPENAI_API_KEY", "MCP_MEM0_ENV_FILE"]);
/** Other programs' names of an endpoint. In the environment they are for those; in a file for us, they are meant for us. */
const foreign =
	/^(?:OPENAI_|API_)?(?:BASE_URL|API_BASE|API_BASE_URL|API_URL|BASE_URI)$|^OLLAMA_(?:HOST|BASE_URL)$/i;
/** Names that no other program has. */
const distinctive =
	/^(?:LLM_|EMBEDDING_|AZURE_OPENAI_|TEAM_SERVER_)|^(?:MEMORY_DIR|DEFAULT_USER_ID|MCP_TIMEOUT)$/;

/** All that seems meant for us and is not read, in a file also lines that nobody can read. */
export function findUnread(sources: readonly Source[]): Unread[] {
	const isSet = (name: VariableName) => sources.some(({ values }) => values[name]?.trim());
	return sources.flatMap(({ name: source, values, file }) => {
		const of = (line: number | undefined) => (line ? `line ${line} of ${source}` : source);
		const names = Object.keys(values).filter((name) => values[name]?.trim() && !isVariable(name));
		const misspelt = names.flatMap((written) => {
			const isForeign = !file || foreign.test(written);
			const variable = file && isForeign ? "LLM_BASE_URL" : nearestVariable(written, isForeign);
			// Another program's name beside the right one is no slip.
			if (!variable || (isForeign && isSet(variable))) return [];
			return [
				{ written, variable, place: of(file?.lines[written]), ofOthers: !file && foreign.test(written) },
			];
		});
		// A quotation mark that is not closed swallows the lines up to the next one.
		const swallowed = Object.entries(file ? values : {}).flatMap(([name, value = ""]) =>
			value.split(/\r\n|\r|\n/).flatMap((line, index) => {
				const written = index > 0 ? /^\s*(?:export\s+)?(\w+\s*=)/.exec(line)?.[1] : undefined;
				const variable = written && nearestVariable(written, false);
				return variable ? [{ written, variable, place: of((file?.lines[name] ?? 0) + index) }] : [];
			}),
		);
		const lines = (file?.unread ?? []).map(({ line, start, hasUrl }) => {
			const name = start.replace(/^(?:export|set|setx|declare|ENV|-)\s+/i, "").replace(/\s*[=:]$/, "");
			const variable = nearestVariable(name, false) ?? (hasUrl && "LLM_BASE_URL");
			return { written: variable && start, variable, place: of(line) };
		});
		return [...misspelt, ...swallowed, ...lines];
	});
}

/** The variables that seem to be meant and are set nowhere: their defaults are in doubt. */
export function doubtful(unread: readonly Unread[], sources: readonly Source[]): Map<VariableName, Unread> {
	const doubts = new Map<VariableName, Unread>();
	for (const each of unread) {
		const { variable, ofOthers } = each;
		if (!variable || ofOthers || doubts.has(variable)) continue;
		if (!sources.some(({ values }) => values[variable]?.trim())) doubts.set(variable, each);
	}
	return doubts;
}

/**
 * The variable that a name seems to be meant for.
 * @param ambient the name is from the process environment, where most names are those of other programs.
 */
export function nearestVariable(name: string, ambient: boolean): VariableName | undefined {
	if (known.has(name)) return undefined;
	const upper = name
		.replace(/^\W*(?:env:)?/i, "")
		.replace(/^(?:MCP_)?MEM0_/i, "")
		.toUpperCase();
	const names = variables.map((each) => each.name).filter((each) => !ambient || distinctive.test(each));
	const plain = squeezed(upper);
	const same = names.find((each) => squeezed(each) === plain);
	if (same) return same;
	const typo = names
		.map((each) => ({ each, distance: distanceOf(squeezed(each), plain) }))
		.sort((a, b) => a.distance - b.distance)
		.find(({ each, distance }) => each.length >= 8 && distance <= (each.length >= 12 ? 2 : 1));
	return typo?.each ?? byMeaning(upper);
}

/** Names that other programs use for the same: LLM_API_BASE, EMBEDDINGS_MODEL. */
function byMeaning(name: string): VariableName | undefined {
	const [, role, rest = ""] = /^(LLM|EMBED|AZURE_OPENAI)(?:D?INGS?|DER|S)?_?(.*)$/.exec(name) ?? [];
	if (!role) return undefined;
	const prefix = role === "EMBED" ? "EMBEDDING" : role;
	const meant = [
		[/URL|URI|BASE|HOST|ENDPOINT|SERVER|ADDR/, role === "AZURE_OPENAI" ? "ENDPOINT" : "BASE_URL"],
		[/KEY|SECRET|TOKEN$/, "API_KEY"],
		[/DIM|WIDTH|SIZE/, "MODEL_DIMS"],
		[/^DEPLOYMENT$/, "DEPLOYMENT_NAME"],
		[/^MODEL|CHOICE/, role === "LLM" ? "CHOICE" : "MODEL_CHOICE"],
		[/PROV|BACKEND/, "PROVIDER"],
	] as const;
	const found = meant.find(([pattern]) => pattern.test(rest));
	const variable = found && `${prefix}_${found[1]}`;
	return variable && isVariable(variable) ? variable : undefined;
}

function squeezed(name: string): string {
	return name.replace(/[^A-Z0-9]+/g, "");
}

/** How many letters differ, are missing or are too many (Levenshtein's distance). */
function distanceOf(a: string, b: string): number {
	if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
	let row = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
			next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}
