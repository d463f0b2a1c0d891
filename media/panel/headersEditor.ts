import type { Field } from "../../src/settings/panel/protocol.ts";
import { sendEdit } from "./channel.ts";
import { button, h } from "./dom.ts";
import type { Control } from "./field.ts";

/** Rows of a name and a value each; the setting is a JSON object of them. */
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
		const nameInput = h("input", {
			type: "text",
			"aria-label": "Header name",
			placeholder: "X-Team",
			oninput: edit,
		});
		const valueInput = h("input", {
			type: "text",
			"aria-label": "Header value",
			placeholder: "${env:TEAM_TOKEN}",
			oninput: edit,
		});
		nameInput.value = name;
		valueInput.value = value;
		const row = h("div", { class: "row" }, nameInput, valueInput);
		row.append(
			button(
				"Remove",
				() => {
					row.remove();
					edit();
					add.focus();
				},
				{ "aria-label": `Remove header ${name}`.trim() },
			),
		);
		rows.append(row);
		return nameInput;
	};
	const add = button("Add header", () => addRow().focus(), { id });
	return {
		element: h("div", { class: "headers", role: "group", "aria-labelledby": `${id}-label` }, rows, add),
		input: add,
		setValue: (value) => {
			if (value === written) return;
			written = value;
			rows.replaceChildren();
			for (const [name, text] of Object.entries(parsed(value))) addRow(name, text);
		},
	};
}

function parsed(text: string): Record<string, string> {
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value !== "object" || value === null) return {};
		return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]));
	} catch {
		// What is no JSON is told of beside the field; new rows take its place.
		return {};
	}
}
