const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

/** How many of the slowest tests and hooks are kept. */
const most = 10;

/** Mocha's own report; its counts, failures and slowest tests go into the file that MEM0_TEST_SUMMARY names. */
module.exports = class SummaryReporter extends reporters.Spec {
	constructor(runner, options) {
		super(runner, options);
		const timed = [];
		const broken = [];
		const note = (runnable) => timed.push({ title: runnable.fullTitle(), ms: runnable.duration ?? 0 });
		runner.on("test end", note);
		runner.on("hook end", note);
		runner.on("fail", (runnable, error) => broken.push({ runnable, error }));
		runner.once("end", () => {
			const { passes, failures, pending } = this.stats;
			const slowest = timed.sort((a, b) => b.ms - a.ms).slice(0, most);
			// Only now: hooks after a test add to its error what was to be seen.
			const failed = broken.map(({ runnable, error }) => ({
				title: runnable.fullTitle(),
				message: String(error?.message ?? error),
			}));
			const file = process.env.MEM0_TEST_SUMMARY;
			if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending, slowest, failed }));
		});
	}
};
