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

/** Title, presets, and the commands for files. */
export function createTop(presets: Presets): HTMLElement {
	const about = h("p", { class: "hint", id: "preset-about", "aria-live": "polite" });
	const select = h("select", { id: "preset", "aria-describedby": about.id, onchange: () => describe() });
	for (const { id, label } of presets) select.append(h("option", { value: id }, label));
	const describe = () => {
		about.textContent = presets.find(({ id }) => id === select.value)?.description ?? "";
	};
	describe();
	const introduction =
		"Mem0 works without any settings: memories stay on this machine, and a built-in model finds them. A model endpoint of your own makes it better.";
	const buttons = commands.map(([command, label]) => button(label, () => send({ kind: "command", command })));
	const title = h("div", { class: "title" }, h("label", { class: "label", for: "preset" }, "Start from"));
	const fillIn = button("Fill in", () => send({ kind: "preset", id: select.value }));
	return h(
		"header",
		{},
		h("h1", {}, "Mem0 settings"),
		h("p", {}, introduction),
		h("div", { class: "buttons" }, ...buttons),
		h("div", { class: "field preset" }, title, h("div", { class: "row" }, select, fillIn), about),
	);
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
		changes.length === 0 ? "It matches the current settings." : "Nothing is saved yet. Saving would change:";
	const leftOut = [h("p", {}, "Left out, or read differently:"), h("ul", {}, ...items(notes))];
	return h(
		"section",
		{ class: "banner", "aria-labelledby": "import-title" },
		h("h2", { id: "import-title" }, `From ${file}`),
		h("p", {}, about),
		h("ul", { class: "changes" }, ...items(changes)),
		...(notes.length > 0 ? leftOut : []),
	);
}

function drawPlainKeys(places: readonly string[]): HTMLElement {
	return h(
		"section",
		{ class: "banner warning-banner", "aria-label": "Keys as plain text" },
		h("p", {}, `settings.json contains an API key as plain text: ${places.join(", ")}.`),
		button("Move to secret storage", () => send({ kind: "move-plain-keys" })),
	);
}
