import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";
import Mocha from "mocha";
import * as extensionTests from "./extension.test.ts";
import * as mcpTests from "./mcp.test.ts";
import * as proxyTests from "./proxy.test.ts";

/** VS Code calls this in its extension host. The report goes to files beside this bundle, since the host has no terminal. */
export async function run(): Promise<void> {
	const report = join(__dirname, "report.txt");
	writeFileSync(report, "");
	Mocha.reporters.Base.consoleLog = (...args: unknown[]) => appendFileSync(report, `${format(...args)}\n`);
	process.env.MEM0_TEST_SUMMARY = join(__dirname, "summary.json");
	const mocha = new Mocha({
		ui: "bdd",
		timeout: 60_000,
		color: false,
		reporter: join(__dirname, "..", "..", "test", "support", "mocha", "summaryReporter.cjs"),
	});
	mocha.suite.emit("pre-require", globalThis as unknown as Mocha.MochaGlobals, "", mocha);
	for (const define of [extensionTests.define, mcpTests.define, proxyTests.define]) define();
	const failures = await new Promise<number>((resolve) => mocha.run(resolve));
	if (failures > 0) throw new Error(`${failures} tests failed.`);
}
