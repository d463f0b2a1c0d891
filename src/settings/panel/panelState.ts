import * as l10n from "@vscode/l10n";
import type { Config } from "../../config/config.ts";
import { covers, type EndpointRole, originsOf } from "../../config/endpoints.ts";
import { plural } from "../../text/wording.ts";
import { placeChoice } from "../databasePresets.ts";
import { changesOf, type EditSource, type Edits } from "../edits.ts";
import { effectiveRows } from "../effective.ts";
import { embeddingUse, embeddingUses, llmProviderOf, whereEmbeddingsGo } from "../embeddingUse.ts";
import type { ExaminedValues } from "../examineValues.ts";
import { hostsOf } from "../keys/boundKeys.ts";
import { splitPassword } from "../keys/databasePassword.ts";
import type { PasswordStatus } from "../keys/databasePasswords.ts";
import { shownHeaders } from "../keys/headerSecrets.ts";
import type { KeyStatus, KnownKey } from "../keys/keyStatus.ts";
import type { SettingVariable, Values } from "../values.ts";
import { withRemark } from "./modelRemarks.ts";
import { placeholdersOf } from "./placeholders.ts";
import type { KeyView, ModelsView, PanelState, TestedRole, TestView } from "./protocol.ts";
import { presetOf, setupInForce } from "./setup.ts";
import { visibleFields } from "./visibleFields.ts";

export interface PanelInput {
	readonly edits: Edits;
	/** The values with the edits in place. */
	readonly examined: ExaminedValues;
	readonly keys: readonly KeyStatus[];
	readonly known: readonly KnownKey[];
	readonly unsavedKeys: number;
	/** Of the database. */
	readonly password: PasswordStatus | undefined;
	readonly models: Readonly<Record<EndpointRole, ModelsView>>;
	readonly tests: Readonly<Partial<Record<TestedRole, TestView | undefined>>>;
	readonly imported: { readonly file: string; readonly notes: readonly string[] } | undefined;
	readonly plainKeys: readonly string[];
	/** The memory's embedding space, where its dimensions have been measured. */
	readonly measured:
		| { readonly model: string; readonly origin: string; readonly dimensions: number }
		| undefined;
	readonly local: PanelState["local"];
	/** What the saved settings mean; undefined where they are not valid. */
	readonly inForce: Config | undefined;
	readonly sequence: number;
}

const sourceNames = (): Readonly<Record<EditSource, string>> => ({
	typed: l10n.t("not saved yet"),
	preset: l10n.t("preset, not saved yet"),
	".env": l10n.t(".env, not saved yet"),
	fix: l10n.t("fix, not saved yet"),
});

/** Everything the panel shows. It contains no secret, because its input contains none. */
export function panelState(input: PanelInput): PanelState {
	const { edits, examined, keys, known, models, tests, imported, plainKeys, sequence } = input;
	const { values, config, problems, hints } = examined;
	const names = sourceNames();
	const sources = Object.fromEntries(
		Object.entries(edits.edits).map(([name, { source }]) => [name, names[source]]),
	);
	const unsaved = changesOf(edits).map(({ variable }) => variable);
	const count = unsaved.length + input.unsavedKeys;
	const wrong = Object.keys(problems).length || (config ? 0 : 1);
	const ofLlm = llmProviderOf(values);
	const place = placeChoice(values, edits.required);
	return {
		sequence,
		values: shown(edits, values),
		problems,
		hints: Object.fromEntries(Object.entries(hints).filter(([name]) => !(name in problems))),
		visible: visibleFields(values, edits.required),
		unsaved,
		conflicts: edits.conflicts.map((variable) => ({ variable, theirs: theirsOf(edits, variable) })),
		keys: keys.map(keyView),
		plainKeys: [...plainKeys],
		provider: values.LLM_PROVIDER ?? ofLlm ?? "none",
		placeholders: placeholdersOf(values),
		setup: { preset: presetOf(values, edits.required)?.id ?? "", inForce: setupInForce(input.inForce) },
		local: input.local,
		embedding: {
			use: embeddingUse(values, edits.required),
			uses: embeddingUses.filter((use) => use !== "same" || ofLlm !== undefined),
			where: config ? whereEmbeddingsGo(values, config) : "",
			dimensions: dimensionsText(input),
		},
		database: {
			choice: place,
			password: input.password,
			memories: place === "server" ? memoriesApart(config) : values.DATABASE_URL ? memoriesHere(config) : "",
			models:
				place === "server" ? l10n.t("Not used with the team's server, which has models of its own.") : "",
		},
		effective: effectiveRows(examined, keys, sources),
		effectiveNote: config ? "" : l10n.t("Correct the marked fields to see the result. These values are set:"),
		models: {
			chat: withRemark(models.chat, "chat", values),
			embedding: withRemark(models.embedding, "embedding", values),
		},
		tests,
		imported: imported && {
			...imported,
			notes: [...imported.notes],
			changes: importedChanges(edits, known),
		},
		dirty: count > 0,
		canSave: count > 0 && wrong === 0 && edits.conflicts.length === 0,
		summary: summary(count, wrong, edits.conflicts.length),
	};
}

/** The values without the secrets in headers. */
function shown({ saved, edits }: Edits, values: Values): Values {
	const found: Partial<Record<SettingVariable, string>> = { ...values };
	for (const name of ["LLM_HEADERS", "EMBEDDING_HEADERS"] as const) {
		const value = values[name];
		if (value) found[name] = shownHeaders(value, saved[name], edits[name]?.source === "typed");
	}
	if (found.DATABASE_URL) found.DATABASE_URL = splitPassword(found.DATABASE_URL).url;
	return found;
}

function memoriesHere(config: Config | undefined): string {
	return config
		? l10n.t`Memories that are on this machine stay in ${config.memoryDir} and are not found while the database is set, unless you copy them there.`
		: "";
}

function memoriesApart(config: Config | undefined): string {
	return config
		? l10n.t`Memories that are on this machine stay in ${config.memoryDir} and are not found while the team's server is set. To take them along, run Mem0: Export Memories… before you save this, and Mem0: Import Memories… afterwards.`
		: "";
}

function theirsOf({ saved }: Edits, variable: SettingVariable): string {
	const value = saved[variable] ?? "";
	return variable.endsWith("_HEADERS") && value !== "" ? l10n.t("other headers") : splitPassword(value).url;
}

function keyView({ slot, text, warning, own, reusable }: KeyStatus): KeyView {
	const isToken = slot.variable === "TEAM_SERVER_TOKEN";
	const [enter, replace] = isToken
		? [l10n.t("Enter token…"), l10n.t("Replace token…")]
		: [l10n.t("Enter key…"), l10n.t("Replace key…")];
	return {
		variable: slot.variable,
		text,
		warning,
		enter: own?.kind === "key" ? replace : enter,
		canRemove: own !== undefined,
		canSayNone: own === undefined && !isToken,
		reuse: reusable && l10n.t`Use the key for ${hostsOf(reusable)}`,
	};
}

function dimensionsText({ measured, examined: { values, config } }: PanelInput): string {
	const embedding = config?.embedding;
	if (!embedding) return embeddingUse(values) === "builtin" ? l10n.t("512, of the built-in model") : "";
	const known = measured?.model === embedding.model && covers(originsOf(embedding), measured.origin);
	return known
		? l10n.t`${measured.dimensions}, measured`
		: l10n.t("not measured yet. A test shows them; the first text measures them");
}

function importedChanges(edits: Edits, known: readonly KnownKey[]): string[] {
	const shown = (variable: SettingVariable, value: string | undefined) =>
		value === undefined
			? l10n.t("not set")
			: variable.endsWith("_HEADERS")
				? l10n.t("other headers")
				: splitPassword(value).url;
	const settings = changesOf(edits).map(
		({ variable, value }) =>
			l10n.t`${variable}: ${shown(variable, value)} (now ${shown(variable, edits.saved[variable])})`,
	);
	const keys = known
		.filter(({ unsaved }) => unsaved === ".env")
		.map(({ variable, origin, kind }) =>
			kind === "none" ? l10n.t`${variable}: ${origin} needs none` : l10n.t`${variable}: a key for ${origin}`,
		);
	return [...settings, ...keys];
}

function summary(count: number, wrong: number, conflicts: number): string {
	if (count === 0)
		return wrong > 0 ? l10n.t("The saved settings have a problem.") : l10n.t("Everything is saved.");
	const changes = plural(count, l10n.t("# unsaved change."), l10n.t("# unsaved changes."));
	if (conflicts > 0) return `${changes} ${l10n.t("First decide about the settings that changed elsewhere.")}`;
	const correct = [
		l10n.t("Correct the marked field first."),
		l10n.t("Correct the marked fields first."),
	] as const;
	return wrong > 0 ? `${changes} ${plural(wrong, ...correct)}` : changes;
}
