import { type ConfigNotice, reasonOf, statementOf } from "../../config/remarks.ts";
import { ownEnvFile } from "../../config/sources.ts";
import { warning } from "../findings.ts";
import { advice } from "../fixes.ts";
import type { ConfigurationFinding } from "./contradictions.ts";

/** Findings about lines of the environment or a file that are ignored, or read in another form. */
export function sourceFindings(notices: readonly ConfigNotice[]): ConfigurationFinding[] {
	return notices.flatMap((notice, index) => {
		const found = findingOf(notice);
		if (!found) return [];
		const { title, fix } = found;
		const result = warning(`${statementOf(notice)}.`, reasonOf(notice), [advice(fix)]);
		return [{ stage: `${notice.kind}-${index + 1}`, title, ...result }];
	});
}

function findingOf(notice: ConfigNotice) {
	switch (notice.kind) {
		case "stray-file":
			return {
				title: "File .env",
				fix: `Start with --env .env, or copy the file to ${ownEnvFile}`,
			};
		case "not-read": {
			const { written, meant, place } = notice;
			const fix = meant && written ? `Write ${meant}=… in ${place}` : `Correct ${place}`;
			return { title: "Names and lines", fix };
		}
		case "withheld":
			return {
				title: "Hosts of keys and headers",
				fix: `Set ${notice.variable} in ${notice.urlSource} too`,
			};
		case "no-server":
			return { title: "Hosts of keys and headers", fix: `Set ${notice.url} beside ${notice.variable}` };
		case "mended":
			return { title: "Spelling of keys", fix: `Correct ${notice.variable}` };
		default:
			return undefined;
	}
}
