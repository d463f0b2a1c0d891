import * as l10n from "@vscode/l10n";
import { type Field, headersIn } from "../../src/settings/panel/protocol.ts";
import { sendEdit } from "./channel.ts";
import { button, type Control, h } from "./dom.ts";

/** Rows of a name and a value; the setting is a JSON object. */
export function createHeadersEditor(variable: Field["variable"], id: string): Control {
	const rows = h("div", { class: "rows" });
	let written = "";
	const inputs = () =>
		[...rows.children].map(
			(row) => [...row.querySelectorAll("input")] as [HTMLInputElement, HTMLInputElement],
		);
	const edit = () => {
		const headers = inputs()
			.map(([name, value]) => [name.value.trim(), value.value] as const)
			.filter(([name, value]) => name !== "" || value !== "");
		written = headers.length === 0 ? "" : JSON.stringify(Object.fromEntries(headers));
		sendEdit(variable, written);
	};
	const addRow = (name = "", value = "") => {
		const input = (label: string, placeholder: string, text: string) => {
			const element = h("input", { type: "text", "aria-label": label, placeholder, oninput: edit });
			element.value = text;
			return element;
		};
		const nameInput = input(l10n.t("Header name"), "X-Team", name);
		const row = h(
			"div",
			{ class: "row" },
			nameInput,
			input(l10n.t("Header value"), "${env:TEAM_TOKEN}", value),
		);
		const remove = () => {
			row.remove();
			edit();
			add.focus();
		};
		row.append(button(l10n.t("Remove"), remove, { "aria-label": l10n.t`Remove header ${name}`.trim() }));
		rows.append(row);
		return nameInput;
	};
	const add = button(l10n.t("Add header"), () => addRow().focus(), { id });
	return {
		element: h("div", { class: "headers", role: "group", "aria-labelledby": `${id}-label` }, rows, add),
		input: add,
		setValue: (value) => {
			if (value === written) return;
			written = value;
			rows.replaceChildren();
			// Text that is not valid has no rows; the remark beside the field says why.
			for (const [name, text] of Object.entries(headersIn(value) ?? {})) addRow(name, text);
		},
	};
}
