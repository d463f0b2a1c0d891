import * as l10n from "@vscode/l10n";
import { besideField, type ConfigRemark } from "../config/remarks.ts";
import { inSettings } from "./settingNames.ts";
import { isSettingVariable, type SettingVariable } from "./values.ts";

/** A sentence per variable, shown next to its field. */
export type FieldRemarks = Readonly<Partial<Record<SettingVariable, string>>>;

/** The first remark on each setting. */
export function fieldRemarks(remarks: readonly ConfigRemark[]): FieldRemarks {
	const found: Partial<Record<SettingVariable, string>> = {};
	for (const remark of remarks)
		if ("variable" in remark && isSettingVariable(remark.variable))
			found[remark.variable] ??= wordsBeside(remark);
	return found;
}

/** A field beside another is told by the names that VS Code's settings have. */
function wordsBeside(remark: ConfigRemark): string {
	const words = besideField(remark);
	return remark.kind === "two-places" ? inSettings(words) : words;
}

/** Next to a field that a preset, or another choice, leaves to the person. */
export function missingRemark(name: SettingVariable): string {
	if (name === "AZURE_OPENAI_ENDPOINT")
		return l10n.t("Enter the URL of your resource, such as https://example.openai.azure.com.");
	if (name === "TEAM_SERVER_URL")
		return l10n.t("Enter the URL of your team's server, such as https://memory.example.com/mcp.");
	return name.endsWith("_URL")
		? l10n.t("Enter the URL of your server, such as http://db-server.local:8009/v1.")
		: l10n.t("Enter the name of a model that the server has.");
}
