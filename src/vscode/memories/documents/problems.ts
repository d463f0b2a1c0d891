import { l10n } from "vscode";
import type { Project } from "../../../store/types.ts";
import { oneLine } from "../../../text/inert.ts";
import { fieldNames, type Problem } from "./frontMatter.ts";

/** What is wrong with a front matter, and what would be right. */
export function problemText({ kind, value }: Problem, projects: readonly Project[]): string {
	const given = oneLine(value, 80);
	switch (kind) {
		case "syntax":
			return l10n.t("This is not valid YAML: {0}", oneLine(value, 200));
		case "unopened":
			return l10n.t("The front matter has no beginning. Begin the first line with three hyphens: ---");
		case "unclosed":
			return l10n.t("The front matter has no end. Close it with a line of three hyphens: ---");
		case "unknownKey":
			return l10n.t("“{0}” is not a field of a memory. Fields are {1}.", given, fieldNames.join(", "));
		case "scope":
			return l10n.t("scope is global or project, not “{0}”.", given);
		case "project":
			return l10n.t("“{0}” is not a known project. Known are: {1}.", given, someOf(projects));
		case "noProject":
			return l10n.t("scope: project needs a project. Add a line such as: project: {0}", someOf(projects, 1));
		case "globalProject":
			return l10n.t("A global memory has no project. Remove this line, or set scope: project.");
		case "pinned":
			return l10n.t("pinned is true or false, not “{0}”.", given);
		case "expires":
			return l10n.t(
				"expires is a date such as 2027-01-31, a time such as 2027-01-31T18:00:00Z, or never; not “{0}”.",
				given,
			);
		case "visibility":
			return l10n.t("visibility is private, project or team, not “{0}”.", given);
		case "metadata":
			return l10n.t("metadata is a list of names and values, such as: ticket: OPS-12");
		case "supersededBy":
			return l10n.t("supersededBy is the id of the memory that has taken the place of this one.");
	}
}

function someOf(projects: readonly Project[], most = 5): string {
	const names = projects.slice(0, most).map(({ id }) => oneLine(id, 80));
	return names.length > 0 ? names.join(", ") : l10n.t("none yet");
}
