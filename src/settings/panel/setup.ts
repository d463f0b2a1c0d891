import * as l10n from "@vscode/l10n";
import type { Config } from "../../config/config.ts";
import { type HttpEndpoint, urlsOf } from "../../config/endpoints.ts";
import type { Edits } from "../edits.ts";
import { llmProviderOf } from "../embeddingUse.ts";
import { type Preset, presets } from "../presets.ts";
import type { SettingVariable, Values } from "../values.ts";

/** What says where texts go. A preset with another model is still that preset. */
const places = [
	"LLM_PROVIDER",
	"LLM_BASE_URL",
	"EMBEDDING_PROVIDER",
	"EMBEDDING_BASE_URL",
	"AZURE_OPENAI_ENDPOINT",
] as const satisfies readonly SettingVariable[];
const models = ["LLM_CHOICE", "EMBEDDING_MODEL_CHOICE"] as const satisfies readonly SettingVariable[];

/** The preset that values come from, as far as they tell; undefined for a set-up of the person's own. */
export function presetOf(values: Values, required: Edits["required"] = []): Preset | undefined {
	const given = withDefaults(values);
	const left = (name: SettingVariable) => given[name] !== undefined || required.includes(name);
	const fits = ({ values: own, required: open }: Preset) =>
		places.every((name) =>
			open.includes(name) ? left(name) : given[name] === withDefaults(own)[name] && !required.includes(name),
		);
	// Several fit where they differ in their models, or in what they leave open.
	const likeness = ({ values: own }: Preset) =>
		places.filter((name) => own[name] !== undefined).length +
		models.reduce((sum, name) => {
			const wanted = own[name];
			return wanted === undefined ? sum : sum + (wanted === given[name] ? 1 : -1);
		}, 0);
	return presets.filter(fits).toSorted((a, b) => likeness(b) - likeness(a))[0];
}

function withDefaults(values: Values): Values {
	const provider = values.LLM_PROVIDER ?? llmProviderOf(values) ?? "none";
	// Without a language model that has embeddings, the built-in model makes them.
	const builtin = llmProviderOf({ ...values, LLM_PROVIDER: provider }) === undefined;
	return {
		...values,
		LLM_PROVIDER: provider,
		...(values.EMBEDDING_PROVIDER === undefined && values.EMBEDDING_BASE_URL === undefined && builtin
			? { EMBEDDING_PROVIDER: "builtin" }
			: {}),
	};
}

/** Where texts go now, with the saved settings: a promise about privacy, so every host is named. */
export function setupInForce(config: Config | undefined): string {
	if (!config)
		return l10n.t(
			"The saved settings have a problem, so it cannot be told where texts would go. See the marked fields.",
		);
	const { llm, embedding, database, teamServer } = config;
	if (teamServer)
		return l10n.t`In force now: the team's server ${teamServer.url} keeps the memories. It gets what is saved and searched for, and has models of its own.`;
	const facts = !llm
		? l10n.t("texts are kept word for word")
		: llm.provider === "vscode"
			? l10n.t`${llm.model ?? l10n.t("A model")} of VS Code makes facts and gets what is saved`
			: l10n.t`${llm.model} at ${hostsIn(llm)} makes facts and gets what is saved`;
	const vectors = embedding
		? l10n.t`${embedding.model} at ${hostsIn(embedding)} makes the embeddings and gets what is saved and searched for`
		: l10n.t("the built-in model makes the embeddings");
	const place = database
		? [l10n.t`Memories are kept in the database ${database.database} at ${database.host}.`]
		: [];
	// A server on this machine may hand texts on to another, as LiteLLM does: that is not for us to promise.
	const here = llm || embedding || database ? [] : [l10n.t("Nothing leaves this machine.")];
	return [l10n.t`In force now: ${facts}; ${vectors}.`, ...place, ...here].join(" ");
}

function hostsIn(endpoint: HttpEndpoint): string {
	return urlsOf(endpoint)
		.map((url) => new URL(url).host)
		.join(", ");
}
