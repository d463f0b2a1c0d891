import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { Figure } from "./figure.ts";
import type { PartRecord } from "./partRecords.ts";
import { type Line, plot } from "./plot.ts";
import { qualityTable } from "./quality/qualityTable.ts";
import { summaryOf } from "./statistics.ts";
import { misses, targetText, withUnit } from "./table.ts";

const root = new URL("../../", import.meta.url);
const page = "docs/benchmarks.md";
const plotFile = "media/search-time.svg";

const intro = `# Benchmarks

Measured by \`npm run bench\`; with \`--report\` it writes this page and its plot from the last run of each part.
Ratios against peers are of one run of a part on one machine; times on another machine differ. Whatever a peer needs is installed
when it is measured, not by \`npm ci\`.`;

const qualityNotes = `Eight data sets of different kinds, stored and asked through the public memory service with the built-in model and
without a language model: developers' facts and decisions (dev_facts), project facts among logs (dev_amb), how-tos with code
in four languages (dev_code), dated turns of long assistant chats (longmemeval, ICLR 2025), the same intent in other words
(paraphrase), paragraphs in German, Spanish, Russian and Chinese (xquad), and LoCoMo (ACL 2024) as **facts**, each with its
session, date and speaker, and as **turns**. Peers have the same texts and the same
embedder, which has no vectors for texts that are not English. BM25 is FTS5's, with an English
stemmer, and pairs of characters in scripts without spaces. R@k is the share of what is relevant that the first k results
carry, of at most k; for LoCoMo, of all of it (some 0.79 of its facts' evidence is in any fact). Bold figures miss their
target: the best peer's in the same run; on the mean, 0.10 more than that in MRR, an area of 0.8 and a
calibration error of 0.08, of the first result's score. The error is partly chance: on so few questions a perfect
score would have one of 0.067.

The numbers of the ranking were learned on these sets, each weighing the same (\`node test/bench/fit.ts\`); what each gets from
numbers learned on the others is in [search.md](search.md). The data have licences of their own and are no part of the project:
\`BENCH_DATA\` names their folder, else \`../shared/bench\`.`;

const speedNotes = `Made-up memories of 8 to 20 words, and vectors that gather around topics as texts do (test/bench/topics.ts). **Search** is a
full search through the memory service, by meaning and by words, filter, ranking and reading the results included, but
without the query's embedding. mem0ai's is the same in its SQLite store; all other peers compare vectors only. "Times our
search" is the peer's median over ours. The vector part is measured against an exact scan of all vectors.`;

const notMeasured = `## What was not measured

- The five conversations of LoCoMo that are kept aside, and any language model.
- mem0ai with its native SQLite module, which ends the process under this version of Node: it runs on Node's own SQLite
  here. Its time goes into its scans in JavaScript.
- Vectors without any structure within their topics, which no embedding model makes: one bit a component tells those apart
  badly, and recall@10 falls to about 0.96.
- More than 500,000 memories; other operating systems; other processors.`;

/** Writes the page and its plot. @returns the names of the files. */
export async function writeReport(records: readonly PartRecord[]): Promise<readonly string[]> {
	const measured = records.flatMap(({ outcome, date, load }) =>
		"figures" in outcome ? [{ ...outcome, when: whenOf(outcome.part, date, load) }] : [],
	);
	const quality = measured.find(({ part }) => part === "quality");
	const speed = measured.find(({ part }) => part === "speed");
	const others = measured.filter((part) => part !== quality && part !== speed);
	const left = records.flatMap(({ outcome }) =>
		"cannotRun" in outcome ? [`- ${outcome.part}: ${outcome.cannotRun}`] : [],
	);
	const gigabytes = Math.round(totalmem() / 2 ** 30);
	const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, ${gigabytes} GB; Node ${process.versions.node}, SQLite ${process.versions.sqlite}`;
	const sections = [
		intro,
		`Machine: ${machine}.`,
		...(quality ? ["## Quality", qualityNotes, quality.when, qualityTable(quality.figures)] : []),
		...(speed
			? [
					"## Speed",
					speedNotes,
					speed.when,
					`![Search time against the number of memories](../${plotFile})`,
					table(speed.figures),
				]
			: []),
		...(others.length > 0 ? ["## Other figures"] : []),
		...others.flatMap(({ when, figures }) => [when, table(figures)]),
		notMeasured,
		...(left.length > 0 ? [left.join("\n")] : []),
	];
	await writeFile(fileURLToPath(new URL(page, root)), `${sections.join("\n\n")}\n`);
	if (!speed) return [page];
	await writeFile(fileURLToPath(new URL(plotFile, root)), plot(linesOf(speed.figures)));
	return [page, plotFile];
}

function whenOf(part: string, date: string, load: number): string {
	return `\`npm run bench -- ${part}\`, ${date}, load ${load.toFixed(1)} when it began:`;
}

function table(figures: readonly Figure[]): string {
	const rows = figures.map((figure) => {
		const { name, unit, samples, runs, target } = figure;
		const { median, p99 } = summaryOf(samples);
		const missed = misses(figure);
		const held = missed === undefined ? "" : missed ? " **missed**" : " ok";
		return `| ${name} | ${withUnit(median, unit)} | ${p99 === undefined ? "" : withUnit(p99, unit)} | ${target ? targetText(target, unit) : ""}${held} | ${runs} |`;
	});
	return ["| figure | median | p99 | target | runs |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** Search times at 1536 dimensions, ours first. */
function linesOf(figures: readonly Figure[]): readonly Line[] {
	const lines = new Map<string, { x: number; y: number }[]>();
	for (const { name, unit, samples } of figures) {
		const found = /^(.+) at ([\d,]+) × 1536$/.exec(name);
		if (!found || unit !== "ms") continue;
		const who = found[1] === "search" ? "MCP Mem0 (meaning and words)" : (found[1] as string);
		if (who.startsWith("event loop") || who.startsWith("index built")) continue;
		const point = { x: Number((found[2] as string).replaceAll(",", "")), y: summaryOf(samples).median };
		lines.set(who, [...(lines.get(who) ?? []), point]);
	}
	return [...lines].map(([name, points]) => ({ name, points }));
}
