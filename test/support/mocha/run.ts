/**
 * `npm test`, after the build: runs the suites named on the command line, or all of them, one after the other, prints
 * the slowest tests of each and all failures once more, and adds up their counts. The last line is `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runHostTests } from "../vscode/hostTests.ts";

interface Counts {
	readonly passes: number;
	readonly failures: number;
	readonly pending: number;
	readonly slowest: readonly { readonly title: string; readonly ms: number }[];
	readonly failed: readonly { readonly title: string; readonly message: string }[];
}

interface Suite {
	readonly name: string;
	readonly folder: string;
	/** Where its reporter writes its counts. */
	readonly summary: string;
	/** Returns whether it ran to its end without a failure. */
	readonly run: () => Promise<boolean>;
}

const suites: readonly Suite[] = [
	// Two files at a time: most tests wait for something.
	mochaSuite("unit", ["test/unit"], ["--parallel", "--jobs", "2"]),
	mochaSuite("contract", ["test/contract"]),
	// The tests of memory and MCP again, on the other store: a server's, or that of PGlite.
	mochaSuite(
		"postgres",
		["test/unit/memory", "test/unit/mcp"],
		["--parallel", "--jobs", "2", "--timeout", "120000"],
		{
			TEST_STORE: "postgres",
		},
	),
	{ name: "host", folder: "test/host", summary: "out/host/summary.json", run: runHostTests },
	mochaSuite("e2e", ["test/e2e"]),
];

function mochaSuite(
	name: string,
	folders: readonly string[],
	options: readonly string[] = [],
	env: Readonly<Record<string, string>> = {},
): Suite {
	const summary = join("out", `${name}-summary.json`);
	return {
		name,
		summary,
		folder: folders[0] as string,
		run: () => {
			const mocha = resolve("node_modules/mocha/bin/mocha.js");
			const child = spawn(
				process.execPath,
				[mocha, ...options, ...folders.map((folder) => `${folder}/**/*.test.ts`)],
				{
					stdio: "inherit",
					env: { ...process.env, ...env, MEM0_TEST_SUMMARY: resolve(summary) },
				},
			);
			return new Promise((done) => child.once("close", (code) => done(code === 0)));
		},
	};
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0)
	throw new Error(
		`There is no suite ${unknown.join(", ")}; there are ${suites.map(({ name }) => name).join(", ")}.`,
	);

await mkdir("out", { recursive: true });
const total = { passes: 0, failures: 0, pending: 0 };
const slowest: string[] = [];
/** Told once more at the end: of a long run often only that is kept. */
const failed: string[] = [];
for (const suite of suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
	// Its tests are still to be written.
	if (!existsSync(suite.folder)) continue;
	console.log(`\n${suite.name} tests`);
	rmSync(suite.summary, { force: true });
	const passed = await suite.run().catch((error: unknown) => {
		console.error(error);
		return false;
	});
	const counts = existsSync(suite.summary)
		? (JSON.parse(readFileSync(suite.summary, "utf8")) as Counts)
		: undefined;
	if (counts) {
		slowest.push(`\nSlowest ${suite.name} tests (ms)`);
		for (const { title, ms } of counts.slowest)
			slowest.push(`${String(Math.round(ms)).padStart(7)}  ${title}`);
	}
	for (const { title, message } of counts?.failed ?? [])
		failed.push(`\nFailed: ${suite.name} ${title}\n${message}`);
	total.passes += counts?.passes ?? 0;
	total.pending += counts?.pending ?? 0;
	// A suite that died without a report, or failed outside of its tests, is a failure too.
	total.failures += counts?.failures || (passed && counts ? 0 : 1);
}
console.log([...slowest, ...failed].join("\n"));
const skipped = total.pending > 0 ? `, ${total.pending} skipped` : "";
console.log(`\n${total.passes} passed, ${total.failures} failed${skipped}`);
process.exit(total.failures > 0 ? 1 : 0);
