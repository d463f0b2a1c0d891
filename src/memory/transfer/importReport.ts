import * as l10n from "@vscode/l10n";
import type { Project } from "../../store/types.ts";
import { oneLine } from "../../text/inert.ts";
import { counted, plural } from "../../text/wording.ts";
import type { ImportRequest } from "../requests.ts";
import type { Remark } from "./record.ts";
import type { ImportOptions, ImportOutcome } from "./transfer.ts";

/** Skipped pieces of one kind that are named one by one. */
const mostNamed = 10;
/** Fields that are counted, and of those the ones that are named. */
const mostFields = 1000;
const namedFields = 20;

/** What an import tells: of each kind of problem the first ones by their line, then how many there were. */
export class ImportReport {
	/** What the next lines are in; undefined where there is only one file. */
	file: string | undefined;
	/** Files that were read. */
	files = 0;
	/** All counts, at the end. */
	sentence = "";
	/** Memories that were added, or would be. */
	#added = 0;
	#updated = 0;
	#known = 0;
	#redacted = 0;
	#conflicts = 0;
	#skipped = 0;
	#skippedFiles = 0;
	readonly #say: (text: string) => void;
	readonly #into: ImportOptions["into"];
	readonly #piece: "line" | "row";
	readonly #formats = new Map<string, number>();
	/** By the project's id; "" is global. */
	readonly #scopes = new Map<string, { readonly project: Project | undefined; count: number }>();
	readonly #messages: string[] = [];
	readonly #skippedOf = new Map<string, number>();
	readonly #remarks = new Map<Remark["kind"], { count: number; readonly firstLine: number }>();
	readonly #fields = { metadata: new Map<string, number>(), dropped: new Map<string, number>() };

	/** @param piece what the numbers count. */
	constructor(say: (text: string) => void, into: ImportOptions["into"], piece: "line" | "row" = "line") {
		this.#say = (text) => {
			this.#messages.push(text);
			say(text);
		};
		this.#into = into;
		this.#piece = piece;
	}

	/** What came of the import, for a program. Messages are bounded: of each kind the first ones. */
	summary() {
		return {
			[{ add: "imported", preview: "wouldImport", review: "toReview" }[this.#into ?? "add"]]: this.#added,
			updated: this.#updated,
			known: this.#known,
			conflicts: this.#conflicts,
			redacted: this.#redacted,
			skipped: { lines: this.#skipped, files: this.#skippedFiles },
			formats: Object.fromEntries(this.#formats),
			scopes: [...this.#scopes.values()].map(({ project, count }) => ({
				scope: project ? "project" : "global",
				...(project ? { project } : {}),
				memories: count,
			})),
			messages: this.#messages,
		};
	}

	/** Memories that are there now. */
	get taken(): number {
		return this.#added + this.#updated + this.#known;
	}

	/** Memories that would change something here. */
	get changing(): number {
		return this.#added + this.#updated;
	}

	/** Whether all was taken in. */
	get isClean(): boolean {
		return this.#skipped + this.#skippedFiles + this.#conflicts === 0;
	}

	/** A file was recognised. */
	format(name: string): void {
		this.#formats.set(name, (this.#formats.get(name) ?? 0) + 1);
	}

	/** A file has no form: each of its lines is a memory. */
	plainText(): void {
		this.#say(l10n.t("This is plain text: each line becomes a memory."));
	}

	outcome(line: number, event: ImportOutcome["event"], request: ImportRequest, isRedacted: boolean): void {
		if (isRedacted) this.#redacted += 1;
		if (event === "CONFLICT") {
			this.#conflicts += 1;
			if (this.#conflicts <= mostNamed)
				this.#say(
					l10n.t`${this.#place(line)} not taken: the memory was also changed here since it was exported.`,
				);
		} else if (event === "DUPLICATE") this.#known += 1;
		else if (event === "UPDATE") this.#updated += 1;
		else {
			this.#added += 1;
			const { project } = request;
			const scope = this.#scopes.get(project?.id ?? "") ?? { project, count: 0 };
			scope.count += 1;
			this.#scopes.set(project?.id ?? "", scope);
		}
	}

	/** A file of which nothing is taken. */
	skipFile(name: string, why: string): void {
		this.#skippedFiles += 1;
		this.files += 1;
		if (this.#skippedFiles <= mostNamed)
			this.#say(l10n.t`${oneLine(name, 200)} skipped: ${oneLine(why, 500)}`);
	}

	#place(line: number): string {
		const isLine = this.#piece === "line";
		if (this.file === undefined) return isLine ? l10n.t`Line ${line}` : l10n.t`Row ${line}`;
		const file = oneLine(this.file, 200);
		return isLine ? l10n.t`${file}, line ${line}` : l10n.t`${file}, row ${line}`;
	}

	/** @param kind pieces that were skipped for the same sort of reason. */
	skip(line: number, kind: string, why: string): void {
		this.#skipped += 1;
		const count = (this.#skippedOf.get(kind) ?? 0) + 1;
		this.#skippedOf.set(kind, count);
		// All records of another program lack the same.
		if (count <= (kind === "shape" ? 1 : mostNamed))
			this.#say(l10n.t`${this.#place(line)} skipped: ${oneLine(why, 500)}`);
	}

	remark(line: number, { kind, field }: Remark): void {
		if (kind === "metadata" || kind === "dropped") {
			const fields = this.#fields[kind];
			const name = oneLine(field ?? "", 40);
			const key = fields.has(name) || fields.size < mostFields ? name : "others";
			fields.set(key, (fields.get(key) ?? 0) + 1);
			return;
		}
		const known = this.#remarks.get(kind);
		if (known) known.count += 1;
		else this.#remarks.set(kind, { count: 1, firstLine: line });
	}

	/** The end of the report. */
	finish(): void {
		for (const [kind, count] of this.#skippedOf) {
			const rest = count - (kind === "shape" ? 1 : mostNamed);
			if (rest > 0)
				this.#say(
					this.#piece === "line"
						? plural(
								rest,
								l10n.t`# more line skipped for the same kind of reason (${kind}).`,
								l10n.t`# more lines skipped for the same kind of reason (${kind}).`,
							)
						: plural(
								rest,
								l10n.t`# more row skipped for the same kind of reason (${kind}).`,
								l10n.t`# more rows skipped for the same kind of reason (${kind}).`,
							),
				);
		}
		if (this.#fields.metadata.size > 0)
			this.#say(l10n.t`Kept as metadata: ${this.#listed(this.#fields.metadata)}.`);
		if (this.#fields.dropped.size > 0) this.#say(l10n.t`Not taken: ${this.#listed(this.#fields.dropped)}.`);
		for (const [kind, { count, firstLine }] of this.#remarks) {
			const remark = remarkWords[kind as keyof typeof remarkWords](count, this.#pieces(count));
			this.#say(
				this.#piece === "line"
					? l10n.t`${remark} The first is on line ${firstLine}.`
					: l10n.t`${remark} The first is on row ${firstLine}.`,
			);
		}
		if (this.#skippedFiles > mostNamed)
			this.#say(l10n.t`${this.#skippedFiles - mostNamed} more files skipped.`);
		if (this.#redacted > 0)
			this.#say(l10n.t`Secrets or private parts were taken out of ${counted(this.#redacted)}.`);
		for (const [format, count] of this.#formats) this.#say(l10n.t`${files(count)} of ${format}.`);
		const isPreview = this.#into === "preview";
		if (isPreview && this.#scopes.size > 0)
			this.#say(
				`${[...this.#scopes.values()].map(({ project, count }) => `${count} ${project ? l10n.t`of project ${oneLine(project.name, 60)}` : l10n.t("global")}`).join(", ")}.`,
			);
		const added = {
			add: l10n.t`Imported ${counted(this.#added)}`,
			preview: l10n.t`Would import ${counted(this.#added)}`,
			review: l10n.t`To review: ${counted(this.#added)}`,
		}[this.#into ?? "add"];
		const ofWhich = [
			added,
			...(this.#updated > 0 ? [l10n.t`${this.#updated} updated`] : []),
			...(this.#known > 0 ? [l10n.t`${this.#known} known already`] : []),
			...(this.#conflicts > 0 ? [l10n.t`${this.#conflicts} in conflict`] : []),
			...(this.#skipped > 0 ? [l10n.t`${this.#pieces(this.#skipped)} skipped`] : []),
			...(this.#skippedFiles > 0 ? [l10n.t`${files(this.#skippedFiles)} skipped`] : []),
		];
		this.sentence = `${ofWhich.join(", ")}.`;
		this.#say(this.sentence);
		if (this.#into === "review" && this.#added > 0)
			this.#say(l10n.t("Accept or reject them in VS Code: Mem0 view, Waiting for review."));
	}

	#pieces(count: number): string {
		return this.#piece === "line"
			? plural(count, l10n.t("# line"), l10n.t("# lines"))
			: plural(count, l10n.t("# row"), l10n.t("# rows"));
	}

	#listed(fields: ReadonlyMap<string, number>): string {
		const most = [...fields].sort(([, a], [, b]) => b - a);
		const named = most.slice(0, namedFields).map(([name, count]) => `${name} (${this.#pieces(count)})`);
		const others = most.length > namedFields ? [l10n.t`and ${most.length - namedFields} others`] : [];
		return [...named, ...others].join(", ");
	}
}

const remarkWords = {
	"local-time": (count: number) =>
		l10n.t`${times(count)} without a zone, read as local time (${Intl.DateTimeFormat().resolvedOptions().timeZone}).`,
	"odd-time": (count: number) => l10n.t`${times(count)} in the future or before 1990, kept as given.`,
	"number-as-text": (_: number, pieces: string) =>
		l10n.t`${pieces} with numbers that are too large to be kept as numbers: they became text.`,
	deleted: (_: number, pieces: string) =>
		l10n.t`${pieces} left out: their program has marked them as deleted.`,
	forgotten: (count: number) =>
		plural(
			count,
			l10n.t("# message left out: it told its program to forget something."),
			l10n.t("# messages left out: they told their program to forget something."),
		),
	"lost-letters": (_: number, pieces: string) =>
		l10n.t`${pieces} with U+FFFD, which takes the place of letters that were lost before.`,
};

function times(count: number): string {
	return plural(count, l10n.t("# time"), l10n.t("# times"));
}

function files(count: number): string {
	return plural(count, l10n.t("# file"), l10n.t("# files"));
}
