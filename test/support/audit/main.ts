/**
 * `npm run audit`, after a build: known vulnerabilities of what is bundled. `npm audit` alone tells little here: all
 * packages are development dependencies, and most of them never reach a user.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { bundledPackages, vulnerabilitiesOf } from "./vulnerabilities.ts";

const bundled = bundledPackages(readFileSync("dist/THIRD-PARTY-NOTICES.txt", "utf8"));
const { stdout, stderr } = spawnSync("npm", ["audit", "--json"], { encoding: "utf8", shell: true });
const report = JSON.parse(stdout) as Parameters<typeof vulnerabilitiesOf>[0];
if (!report.vulnerabilities) throw new Error(`npm audit gave no report: ${stderr || stdout}`);
const found = vulnerabilitiesOf(report, bundled);
for (const line of found) console.error(line);
console.log(`${bundled.length} packages are bundled; ${found.length} have known vulnerabilities.`);
process.exitCode = found.length > 0 ? 1 : 0;
