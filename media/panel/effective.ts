import * as l10n from "@vscode/l10n";
import { h, redraw, setText, type View } from "./dom.ts";

/** The variables in effect, secrets masked, each with its source. */
export function createEffective(): View {
	const note = h("p", { class: "hint", hidden: true });
	const body = h("tbody");
	const columns = [l10n.t("Variable"), l10n.t("Value"), l10n.t("From")].map((name) =>
		h("th", { scope: "col" }, name),
	);
	return {
		element: h(
			"aside",
			{ class: "effective", "aria-labelledby": "effective-title" },
			h("h2", { id: "effective-title" }, l10n.t("Effective configuration")),
			h("p", { class: "about" }, l10n.t("The result, as in a .env file. Secrets are masked.")),
			note,
			h("table", {}, h("thead", {}, h("tr", {}, ...columns)), body),
		),
		update({ effective, effectiveNote }) {
			setText(note, effectiveNote);
			redraw(body, effective, () =>
				effective.map(({ variable, value, source, unsaved }) =>
					h(
						"tr",
						{ class: unsaved ? "changed" : "", "data-variable": variable },
						h("th", { scope: "row" }, variable),
						h(
							"td",
							{ class: "value" },
							value === "" ? h("span", { class: "empty" }, l10n.t("(empty)")) : value,
						),
						h("td", {}, source),
					),
				),
			);
		},
	};
}
