import type { PanelState, ToExtension, ToPanel } from "../../src/settings/panel/protocol.ts";
import { send } from "./channel.ts";
import { button, h, redraw, type View } from "./dom.ts";

type Presets = Extract<ToPanel, { kind: "open" }>["presets"];
type Command = Extract<ToExtension, { kind: "command" }>["command"];

const commands: readonly (readonly [Command, string])[] = [
	["import", "Import .env…"],
	["export", "Export .env…"],
	["copy", "Copy MCP configuration"],
	["settings", "Open in Settings"],
	["log", "Show log"],
];

/** Title, ways to begin, and the configuration as a file. */
export function createTop(presets: Presets): HTMLElement {
	const about = h("p", { class: "hint", id: "preset-about", "aria-live": "polite" });
	const select = h("select", { id: "preset", "aria-describedby": about.id, onchange: () => describe() });
	for (const { id, label } of presets) select.append(h("option", { value: id }, label));
	const describe = () => {
		about.textContent = presets.find(({ id }) => id === select.value)?.description ?? "";
	};
	describe();
	return h(
		"header",
		{},
		h("h1", {}, "Mem0 settings"),
		h(
			"p",
			{},
			"Nothing needs to be set: memories are kept on this machine and found by a model that is built in. With a model endpoint of your own they get better.",
		),
		h(
			"div",
			{ class: "buttons" },
			...commands.map(([command, label]) => button(label, () => send({ kind: "command", command }))),
		),
		h(
			"div",
			{ class: "field preset" },
			h("div", { class: "title" }, h("label", { class: "label", for: "preset" }, "Start from")),
			h(
				"div",
				{ class: "row" },
				select,
				button("Fill in", () => send({ kind: "preset", id: select.value })),
			),
			about,
		),
	);
}

/** What was imported, and what lies about as plain text. */
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
	return h(
		"section",
		{ class: "banner", "aria-labelledby": "import-title" },
		h("h2", { id: "import-title" }, `From ${file}`),
		h(
			"p",
			{},
			changes.length === 0
				? "It says what is configured already."
				: "Nothing is saved yet. Saving would change:",
		),
		h("ul", { class: "changes" }, ...changes.map((change) => h("li", {}, change))),
		...(notes.length > 0
			? [
					h("p", {}, "Not taken over, or read in another way:"),
					h("ul", {}, ...notes.map((note) => h("li", {}, note))),
				]
			: []),
	);
}

function drawPlainKeys(places: readonly string[]): HTMLElement {
	return h(
		"section",
		{ class: "banner warning-banner", "aria-label": "Keys as plain text" },
		h("p", {}, `An API key lies in settings.json as plain text: ${places.join(", ")}.`),
		button("Move to secret storage", () => send({ kind: "move-plain-keys" })),
	);
}
