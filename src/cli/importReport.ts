import type { Remark } from "../memory/transfer/record.ts";
import { oneLine } from "../text/inert.ts";
import { counted, plural } from "../text/wording.ts";

/** Skipped pieces of one kind that are named one by one. */
const mostNamed = 10;
/** Fields that are counted, and of those the ones that are named. */
const mostFields = 1000;
const namedFields = 20;

/** What an import tells: of each kind of problem the first ones by their line, then how many there were. */
export class ImportReport {
	added = 0;
	known = 0;
	#skipped = 0;
	readonly #say: (text: string) => void;
	readonly #skippedOf = new Map<string, number>();
	readonly #remarks = new Map<Remark["kind"], { count: number; readonly firstLine: number }>();
	readonly #fields = { metadata: new Map<string, number>(), dropped: new Map<string, number>() };

	constructor(say: (text: string) => void) {
		this.#say = say;
	}

	get skipped(): number {
		return this.#skipped;
	}

	/** @param kind pieces that were skipped for the same sort of reason. */
	skip(line: number, kind: string, why: string): void {
		this.#skipped += 1;
		const count = (this.#skippedOf.get(kind) ?? 0) + 1;
		this.#skippedOf.set(kind, count);
		// All records of another program lack the same.
		if (count <= (kind === "shape" ? 1 : mostNamed)) this.#say(`Line ${line} skipped: ${oneLine(why, 500)}`);
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
					`${plural(rest, "# more line", "# more lines")} skipped for the same kind of reason (${kind}).`,
				);
		}
		if (this.#fields.metadata.size > 0) this.#say(`Kept as metadata: ${listed(this.#fields.metadata)}.`);
		if (this.#fields.dropped.size > 0) this.#say(`Not taken: ${listed(this.#fields.dropped)}.`);
		for (const [kind, { count, firstLine }] of this.#remarks)
			this.#say(`${remarkWords[kind as keyof typeof remarkWords](count)} The first is on line ${firstLine}.`);
		const ofWhich = [
			`Imported ${counted(this.added)}`,
			...(this.known > 0 ? [`${this.known} known already`] : []),
			...(this.skipped > 0 ? [`${lines(this.skipped)} skipped`] : []),
		];
		this.#say(`${ofWhich.join(", ")}.`);
	}
}

const remarkWords = {
	"local-time": (count: number) =>
		`${times(count)} without a zone, read as local time (${Intl.DateTimeFormat().resolvedOptions().timeZone}).`,
	"odd-time": (count: number) => `${times(count)} in the future or before 1990, kept as given.`,
	"number-as-text": (count: number) =>
		`${lines(count)} with numbers that are too large to be kept as numbers: they became text.`,
	deleted: (count: number) => `${lines(count)} left out: their program has marked them as deleted.`,
	"lost-letters": (count: number) =>
		`${lines(count)} with U+FFFD, which takes the place of letters that were lost before.`,
};

function times(count: number): string {
	return plural(count, "# time", "# times");
}

function lines(count: number): string {
	return plural(count, "# line", "# lines");
}

function listed(fields: ReadonlyMap<string, number>): string {
	const most = [...fields].sort(([, a], [, b]) => b - a);
	const named = most.slice(0, namedFields).map(([name, count]) => `${name} (${lines(count)})`);
	const others = most.length > namedFields ? [`and ${most.length - namedFields} others`] : [];
	return [...named, ...others].join(", ");
}
