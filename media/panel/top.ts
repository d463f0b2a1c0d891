import * as l10n from "@vscode/l10n";
import type { PanelState, ToExtension, ToPanel } from "../../src/settings/panel/protocol.ts";
import { send } from "./channel.ts";
import { button, h, redraw, setText, type View } from "./dom.ts";

type Presets = Extract<ToPanel, { kind: "open" }>["presets"];
type Command = Extract<ToExtension, { kind: "command" }>["command"];

const commands = (): readonly (readonly [Command, string])[] => [
	["import", l10n.t("Import .env…")],
	["export", l10n.t("Export .env…")],
	["copy", l10n.t("Copy MCP configuration")],
	["settings", l10n.t("Open in Settings")],
	["log", l10n.t("Show log")],
];

/** Title, where texts go now, presets, servers of this machine, and the commands for files. */
export function createTop(presets: Presets): View {
	const inForce = h("p", { id: "in-force", role: "status" });
	const about = h("p", { class: "hint", id: "preset-about", "aria-live": "polite" });
	const own = h("option", { value: "" }, l10n.t("Settings of your own"));
	const select = h("select", {
		id: "preset",
		"aria-describedby": about.id,
		onchange: () => send({ kind: "preset", id: select.value }),
	});
	for (const { id, label } of presets) select.append(h("option", { value: id }, label));
	const introduction = l10n.t(
		"Mem0 works without any settings: memories stay on this machine, and a built-in model finds them. A model endpoint of your own makes it better.",
	);
	const buttons = commands().map(([command, label]) =>
		button(label, () => send({ kind: "command", command })),
	);
	const title = h("div", { class: "title" }, h("label", { class: "label", for: "preset" }, l10n.t("Set-up")));
	const local = createLocal();
	const introduced = h("p", { class: "hint" }, introduction);
	const preset = h("div", { class: "field preset" }, title, select, about);
	return {
		element: h(
			"header",
			{},
			h("h1", {}, l10n.t("Mem0 settings")),
			inForce,
			introduced,
			h("div", { class: "buttons" }, ...buttons),
			preset,
			local.element,
		),
		update(state) {
			// A team's server has models of its own, and the memories.
			for (const each of [introduced, preset, local.element])
				each.hidden = state.database.choice === "server";
			const { preset: chosen, inForce: words } = state.setup;
			setText(inForce, words);
			// It cannot be chosen: it is what no preset is.
			if (chosen === "") select.prepend(own);
			else own.remove();
			select.value = chosen;
			setText(about, presets.find(({ id }) => id === chosen)?.description ?? "");
			local.update(state);
		},
	};
}

/** Model servers that run on this machine, with a button for each. */
function createLocal(): View {
	const element = h("div", {
		class: "local",
		role: "group",
		"aria-label": l10n.t("Servers on this machine"),
	});
	return {
		element,
		update({ local: { state, offers, text } }) {
			redraw(element, [state, offers, text], () => [
				...offers.map((offer, index) =>
					h(
						"div",
						{ class: "buttons offer" },
						h("span", {}, `${offer}.`),
						button(l10n.t("Use it"), () => send({ kind: "use-local", index }), {
							"aria-label": l10n.t`Use it: ${offer}`,
							"data-id": `offer-${index}`,
						}),
					),
				),
				h("p", { class: "hint", role: "status" }, text),
				...(state === "looking"
					? []
					: [
							button(
								state === "asked" ? l10n.t("Look for local servers again") : l10n.t("Find local servers"),
								() => send({ kind: "find-local" }),
								{ "data-id": "find" },
							),
						]),
			]);
		},
	};
}

/** What was imported, and keys as plain text. */
export function createBanners(): View {
	const element = h("div", { class: "banners" });
	return {
		element,
		update({ imported, plainKeys }) {
			redraw(element, [imported, plainKeys], () => [
				...(imported ? [drawImport(imported)] : []),
				...(plainKeys.length > 0 ? [drawPlainKeys(plainKeys)] : []),
			]);
		},
	};
}

function drawImport({ file, changes, notes }: NonNullable<PanelState["imported"]>): HTMLElement {
	const items = (texts: readonly string[]) => texts.map((text) => h("li", {}, text));
	const about =
		changes.length === 0
			? l10n.t("It matches the current settings.")
			: l10n.t("Nothing is saved yet. Saving would change:");
	const leftOut = [h("p", {}, l10n.t("Left out, or read differently:")), h("ul", {}, ...items(notes))];
	return h(
		"section",
		{ class: "banner", "aria-labelledby": "import-title" },
		h("h2", { id: "import-title" }, l10n.t`From ${file}`),
		h("p", {}, about),
		h("ul", { class: "changes" }, ...items(changes)),
		...(notes.length > 0 ? leftOut : []),
	);
}

function drawPlainKeys(places: readonly string[]): HTMLElement {
	return h(
		"section",
		{ class: "banner warning-banner", "aria-label": l10n.t("Keys as plain text") },
		h("p", {}, l10n.t`settings.json contains an API key as plain text: ${places.join(", ")}.`),
		button(l10n.t("Move to secret storage"), () => send({ kind: "move-plain-keys" })),
	);
}
