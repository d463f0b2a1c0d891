const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

/** How many of the slowest tests and hooks are kept. */
const most = 10;

/** Mocha's own report; its counts and the slowest tests go into the file that MEM0_TEST_SUMMARY names. */
module.exports = class SummaryReporter extends reporters.Spec {
	constructor(runner, options) {
		super(runner, options);
		const timed = [];
		const note = (runnable) => timed.push({ title: runnable.fullTitle(), ms: runnable.duration ?? 0 });
		runner.on("test end", note);
		runner.on("hook end", note);
		runner.once("end", () => {
			const { passes, failures, pending } = this.stats;
			const slowest = timed.sort((a, b) => b.ms - a.ms).slice(0, most);
			const file = process.env.MEM0_TEST_SUMMARY;
			if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending, slowest }));
		});
	}
};
