import * as l10n from "@vscode/l10n";
import type { Field, PanelState } from "../../src/settings/panel/protocol.ts";
import { isCurrent, send, sendEdit } from "./channel.ts";
import { createCombobox } from "./combobox.ts";
import { createDatabaseUrl } from "./database.ts";
import { button, type Control, h, setText, type View } from "./dom.ts";
import { createHeadersEditor } from "./headersEditor.ts";

/** A setting: label, description, control, and the remarks on its value. */
export function createField(field: Field, extras: readonly View[] = []): View {
	const { variable, label, setting } = field;
	const id = `field-${variable}`;
	const control = createControl(field, id);
	const [about, problem, hint] = [`${id}-about`, `${id}-problem`, `${id}-hint`];
	control.input.setAttribute("aria-describedby", `${problem} ${hint} ${about}`);
	const problemLine = h("p", { id: problem, class: "problem", "aria-live": "polite", hidden: true });
	const hintLine = h("p", { id: hint, class: "hint", "aria-live": "polite", hidden: true });
	const theirs = h("span");
	const conflict = h(
		"div",
		{ class: "conflict", role: "group", "aria-label": l10n.t`${label}: changed elsewhere`, hidden: true },
		theirs,
		button(l10n.t("Keep mine"), () => send({ kind: "resolve", variable, keep: "mine" })),
		button(l10n.t("Use the other"), () => send({ kind: "resolve", variable, keep: "theirs" })),
	);
	const mark = h("span", { class: "unsaved", hidden: true }, l10n.t("not saved"));
	const labelled =
		field.type === "headers"
			? h("span", { class: "label", id: `${id}-label` }, label)
			: h("label", { class: "label", for: id }, label);
	const details = `${l10n.t`${variable} (in settings.json: ${setting})`}\n${field.doc}`;
	const element = h(
		"div",
		{ class: "field", "data-variable": variable },
		h("div", { class: "title", title: details }, labelled, mark),
		h("p", { id: about, class: "about", title: details }, field.about),
		control.element,
		problemLine,
		hintLine,
		conflict,
		...extras.map((extra) => extra.element),
	);
	let shown: string | undefined;
	return {
		element,
		update(state) {
			element.hidden = !state.visible.includes(variable);
			const value = variable === "LLM_PROVIDER" ? state.provider : (state.values[variable] ?? "");
			// The field with the cursor is overwritten only if its value changed elsewhere.
			const typing = element.contains(document.activeElement) && value === shown;
			if (isCurrent(state) && !typing) control.setValue(value);
			shown = value;
			control.update?.(state);
			const { [variable]: wrong = "" } = state.problems;
			setText(problemLine, wrong);
			control.input.setAttribute("aria-invalid", String(wrong !== ""));
			setText(hintLine, state.hints[variable] ?? "");
			mark.hidden = !state.unsaved.includes(variable);
			const other = state.conflicts.find((each) => each.variable === variable);
			conflict.hidden = other === undefined;
			setText(theirs, other ? l10n.t`Changed elsewhere, to ${other.theirs || l10n.t("nothing")}.` : "");
			for (const extra of extras) extra.update(state);
		},
	};
}

function createControl(field: Field, id: string): Control {
	const { variable, label, type, placeholder } = field;
	if (type === "headers") return createHeadersEditor(variable, id);
	if (type === "enum") return createSelect(field, id);
	const input = h("input", {
		id,
		type: "text",
		placeholder,
		autocomplete: "off",
		spellcheck: "false",
		...(type === "integer" || type === "number" ? { inputmode: "decimal", class: "short" } : {}),
	});
	if (type === "database") return createDatabaseUrl(input);
	input.addEventListener("input", () => sendEdit(variable, input.value));
	const setPlaceholder = ({ placeholders }: PanelState) => {
		input.placeholder = placeholders[variable] ?? placeholder;
	};
	const role = modelRoles[variable];
	if (role) {
		const box = createCombobox(input, label, (value) => sendEdit(variable, value));
		const update = (state: PanelState) => {
			setPlaceholder(state);
			box.setOptions(state.models[role].names);
		};
		return { ...box, update };
	}
	return {
		element: input,
		input,
		setValue: (value) => {
			if (input.value !== value) input.value = value;
		},
		update: setPlaceholder,
	};
}

const modelRoles: Partial<Record<Field["variable"], "chat" | "embedding">> = {
	LLM_CHOICE: "chat",
	EMBEDDING_MODEL_CHOICE: "embedding",
};

function createSelect({ variable, options, placeholder }: Field, id: string): Control {
	const select = h("select", { id, onchange: () => sendEdit(variable, select.value) });
	// The language model always has a provider; the other settings may stay at their default.
	const unset = placeholder === "" ? l10n.t("As the language model") : l10n.t`Default: ${placeholder}`;
	if (variable !== "LLM_PROVIDER") select.append(h("option", { value: "" }, unset));
	for (const { value, label } of options)
		select.append(
			h("option", { value }, label.toLowerCase().startsWith(value) ? label : `${label} (${value})`),
		);
	return {
		element: select,
		input: select,
		setValue: (value) => {
			// A value of settings.json is shown even if it is not one of the options.
			if (![...select.options].some((option) => option.value === value))
				select.append(h("option", { value }, l10n.t`${value} (not valid)`));
			select.value = value;
		},
	};
}
