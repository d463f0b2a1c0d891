const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

/** Mocha's own report, and its counts in the file that MEM0_TEST_SUMMARY names, to be added up over suites. */
module.exports = class SummaryReporter extends reporters.Spec {
	constructor(runner, options) {
		super(runner, options);
		runner.once("end", () => {
			const { passes, failures, pending } = this.stats;
			const file = process.env.MEM0_TEST_SUMMARY;
			if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending }));
		});
	}
};
