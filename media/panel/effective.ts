import { h, redraw, setText } from "./dom.ts";
import type { View } from "./field.ts";

/** The variables that result, secrets masked, each with where it came from. */
export function createEffective(): View {
	const note = h("p", { class: "hint", hidden: true });
	const body = h("tbody");
	return {
		element: h(
			"aside",
			{ class: "effective", "aria-labelledby": "effective-title" },
			h("h2", { id: "effective-title" }, "Effective configuration"),
			h("p", { class: "about" }, "What results, as a .env file would say it. Secrets are masked."),
			note,
			h(
				"table",
				{},
				h(
					"thead",
					{},
					h(
						"tr",
						{},
						h("th", { scope: "col" }, "Variable"),
						h("th", { scope: "col" }, "Value"),
						h("th", { scope: "col" }, "From"),
					),
				),
				body,
			),
		),
		update({ effective, effectiveNote }) {
			setText(note, effectiveNote);
			redraw(body, effective, () =>
				effective.map(({ variable, value, source, unsaved }) =>
					h(
						"tr",
						unsaved ? { class: "changed", "data-variable": variable } : { "data-variable": variable },
						h("th", { scope: "row" }, variable),
						h("td", { class: "value" }, value === "" ? h("span", { class: "empty" }, "(empty)") : value),
						h("td", {}, source),
					),
				),
			);
		},
	};
}
