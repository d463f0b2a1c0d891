import { originOf } from "../../config/endpoints.ts";
import { providers } from "../../config/providers.ts";
import type { Environment } from "../../config/variables.ts";
import { changesOf, type EditSource, type Edits, missingOf, valuesOf } from "../edits.ts";
import { effectiveConfiguration } from "../effective.ts";
import { embeddingUse, embeddingUses, llmProviderOf, whereEmbeddingsGo } from "../embeddingUse.ts";
import { endpointsSoFar, examineValues } from "../fieldRemarks.ts";
import { type KeySlot, type KeyVariable, keySlots } from "../keys/boundKeys.ts";
import { shownHeaders } from "../keys/headerSecrets.ts";
import { type KeyStatus, type KnownKey, keyStatus } from "../keys/keyStatus.ts";
import type { SettingVariable, Values } from "../values.ts";
import type { KeyView, ModelsView, PanelState, TestView } from "./protocol.ts";
import { visibleFields } from "./visibleFields.ts";

export interface PanelInput {
	readonly draft: Edits;
	readonly known: readonly KnownKey[];
	readonly removed: readonly KeySlot[];
	readonly unsavedKeys: number;
	readonly ambient: Environment;
	readonly models: Readonly<Record<"llm" | "embedding", ModelsView>>;
	readonly tests: { readonly llm?: TestView | undefined; readonly embedding?: TestView | undefined };
	readonly imported: { readonly file: string; readonly notes: readonly string[] } | undefined;
	readonly plainKeys: readonly string[];
	/** Of the vectors in use, where they have been measured; the model they are of. */
	readonly measured:
		| { readonly model: string; readonly origin: string; readonly dimensions: number }
		| undefined;
	readonly sequence: number;
}

const sourceNames: Readonly<Record<EditSource, string>> = {
	typed: "not saved yet",
	preset: "preset, not saved yet",
	".env": ".env, not saved yet",
	fix: "fix, not saved yet",
};

/** All that the panel shows, from what is known: no secret is in it, as none is in what is known. */
export function panelState(input: PanelInput): PanelState {
	const { draft, known, ambient, models, tests, imported, plainKeys, sequence } = input;
	const values = valuesOf(draft);
	const { result, slots, statuses } = keysIn(input, values);
	const effective = effectiveConfiguration({
		values,
		sources: Object.fromEntries(
			Object.entries(draft.edits).map(([name, { source }]) => [name, sourceNames[source]]),
		),
		keys: keysInUse(slots, known),
		ambient,
	});
	const missing = missingOf(draft);
	const problems = {
		...Object.fromEntries(missing.map((name) => [name, missingText(name)])),
		...effective.problems,
	};
	const unsaved = changesOf(draft).map(({ variable }) => variable);
	const count = unsaved.length + input.unsavedKeys;
	const wrong = Object.keys(problems).length + (result ? 0 : Object.keys(problems).length === 0 ? 1 : 0);
	const ofLlm = llmProviderOf(values);
	return {
		sequence,
		values: shown(draft, values),
		problems,
		hints: Object.fromEntries(Object.entries(effective.hints).filter(([name]) => !(name in problems))),
		visible: visibleFields(values, draft.required),
		unsaved,
		conflicts: draft.conflicts.map((variable) => ({ variable, theirs: theirsOf(draft, variable) })),
		keys: slots.map((slot, index) => keyView(slot, statuses[index] as KeyStatus)),
		plainKeys: [...plainKeys],
		provider: values.LLM_PROVIDER ?? ofLlm ?? "none",
		embedding: {
			use: embeddingUse(values, draft.required),
			uses: embeddingUses.filter((use) => use !== "same" || ofLlm !== undefined),
			where: result ? whereEmbeddingsGo(values, result.config) : "",
			dimensions: dimensionsText(input, values, result?.config.embedding),
		},
		effective: effective.rows.map((row) => ({ ...row, unsaved: row.source.includes("not saved yet") })),
		effectiveNote: result ? "" : "Correct the marked fields to see what results. This is what is set:",
		models,
		tests: {
			...(tests.llm ? { llm: tests.llm } : {}),
			...(tests.embedding ? { embedding: tests.embedding } : {}),
		},
		...(imported
			? { imported: { ...imported, notes: [...imported.notes], changes: importedChanges(draft, known) } }
			: {}),
		dirty: count > 0,
		canSave: count > 0 && wrong === 0 && draft.conflicts.length === 0,
		summary: summary(count, wrong, draft.conflicts.length),
	};
}

/** The values without what is secret in headers. */
function shown({ saved, edits }: Edits, values: Values): Values {
	const headers = (["LLM_HEADERS", "EMBEDDING_HEADERS"] as const).flatMap((name) => {
		const value = values[name];
		return value === undefined
			? []
			: [[name, shownHeaders(value, saved[name], edits[name]?.source === "typed")]];
	});
	return { ...values, ...Object.fromEntries(headers) };
}

function theirsOf({ saved }: Edits, variable: SettingVariable): string {
	const value = saved[variable] ?? "";
	return variable.endsWith("_HEADERS") && value !== "" ? "other headers" : value;
}

/** Where keys may be needed, and what is known of them. */
export function keysIn(
	{ draft, known, removed, ambient }: Pick<PanelInput, "draft" | "known" | "removed" | "ambient">,
	values: Values,
) {
	const { result } = examineValues(values, ambient);
	const slots = keySlots(endpointsSoFar(values, ambient, missingOf(draft)));
	const saved = keySlots(
		examineValues(draft.saved, ambient).result?.config ?? { llm: undefined, embedding: undefined },
	);
	const llmOrigin = slots.find(({ variable }) => variable === "LLM_API_KEY")?.origin;
	const openAi = originOf(providers.openai.baseUrl as string);
	const statuses = slots.map((slot) =>
		keyStatus(slot, {
			known,
			removed,
			llmOrigin,
			savedOrigin: saved.find(({ variable }) => variable === slot.variable)?.origin,
			ambient: slot.origin === openAi && Boolean(ambient.OPENAI_API_KEY?.trim()),
		}),
	);
	return { result, slots, statuses };
}

function keysInUse(slots: readonly KeySlot[], known: readonly KnownKey[]) {
	const keys: Partial<Record<KeyVariable, { kind: "key" | "none"; source: string }>> = {};
	for (const { variable, origin } of slots) {
		const own = known.find((each) => each.variable === variable && each.origin === origin);
		if (!own) continue;
		const unsaved = own.unsaved === ".env" ? ".env, not saved yet" : "entered, not saved yet";
		keys[variable] = { kind: own.kind, source: own.unsaved ? unsaved : "secret storage" };
	}
	return keys;
}

function keyView({ variable }: KeySlot, { text, warning, own, reusable }: KeyStatus): KeyView {
	return {
		variable,
		text,
		...(warning ? { warning } : {}),
		enter: own?.kind === "key" ? "Replace key…" : "Enter key…",
		canRemove: own !== undefined,
		canSayNone: own === undefined,
		...(reusable ? { reuse: `Use the key for ${reusable.origin}` } : {}),
	};
}

function missingText(name: SettingVariable): string {
	if (name === "AZURE_OPENAI_ENDPOINT")
		return "Give the URL of your resource, such as https://example.openai.azure.com.";
	if (name.endsWith("_URL")) return "Give the URL of your server, such as http://db-server.local:8009/v1.";
	return "Give the name of a model that the server has.";
}

function dimensionsText(
	{ measured }: PanelInput,
	values: Values,
	embedding: { readonly model: string; readonly baseUrl: string } | undefined,
): string {
	if (!embedding && embeddingUse(values) === "builtin") return "512, of the built-in model";
	if (!embedding) return "";
	const known = measured?.model === embedding.model && measured.origin === originOf(embedding.baseUrl);
	return known
		? `${measured.dimensions}, measured`
		: "not measured yet. Test shows them; the first text measures them";
}

function importedChanges(draft: Edits, known: readonly KnownKey[]): string[] {
	const shown = (variable: SettingVariable, value: string | undefined) =>
		value === undefined ? "not set" : variable.endsWith("_HEADERS") ? "other headers" : value;
	const settings = changesOf(draft).map(
		({ variable, value }) =>
			`${variable}: ${shown(variable, value)} (now ${shown(variable, draft.saved[variable])})`,
	);
	const keys = known
		.filter(({ unsaved }) => unsaved === ".env")
		.map(({ variable, origin, kind }) =>
			kind === "none" ? `${variable}: ${origin} needs none` : `${variable}: a key for ${origin}`,
		);
	return [...settings, ...keys];
}

function summary(count: number, wrong: number, conflicts: number): string {
	if (count === 0) return wrong > 0 ? "Something is wrong with what is saved." : "Everything is saved.";
	const changes = count === 1 ? "1 unsaved change" : `${count} unsaved changes`;
	if (conflicts > 0) return `${changes}. Decide first what was changed elsewhere.`;
	if (wrong > 0)
		return `${changes}. Correct ${wrong === 1 ? "the marked field" : "the marked fields"} first.`;
	return `${changes}.`;
}
