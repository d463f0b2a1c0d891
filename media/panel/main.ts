import * as l10n from "@vscode/l10n";
import { type Field, type PanelState, plain, type ToPanel } from "../../src/settings/panel/protocol.ts";
import { listen, send } from "./channel.ts";
import { createCopy, createDatabaseChoice, createPassword } from "./database.ts";
import { button, h, setText, type View } from "./dom.ts";
import { createEffective } from "./effective.ts";
import { createField } from "./field.ts";
import { createEmbeddingUse, createKey, createModelList, createModelsNote, createTest } from "./parts.ts";
import { createBanners, createTop } from "./top.ts";

const main = document.getElementById("panel") as HTMLElement;
let views: readonly View[] = [];
let announcer: HTMLElement | undefined;

// Before anything is drawn: the extension puts the translations of the window's language there.
l10n.config({ contents: main.dataset.texts ?? "{}" });

const sections = [
	[
		"llm",
		l10n.t("Language model"),
		l10n.t("Distils facts from what is saved. Without one, texts are kept word for word."),
	],
	["embedding", l10n.t("Embeddings"), l10n.t("Make it possible to find memories by meaning.")],
	[
		"memory",
		l10n.t("Memory"),
		l10n.t("Where memories are kept, and whose they are. A workspace cannot change this."),
	],
	[
		"database",
		l10n.t("Team"),
		l10n.t(
			"For a team, or for several machines: a team's server, or PostgreSQL with pgvector. It takes the place of the folder above.",
		),
	],
	["advanced", l10n.t("Advanced"), ""],
] as const;

function open({ fields, presets, databases, state }: Extract<ToPanel, { kind: "open" }>): void {
	const top = createTop(presets);
	const banners = createBanners();
	const drawn = sections.map(([section, title, about]) => {
		const own = fields.filter((field) => field.section === section);
		return drawSection(section, title, about, own, databases);
	});
	const effective = createEffective();
	const bar = createBar();
	announcer = h("p", { class: "for-screen-readers", role: "status" });
	main.replaceChildren(
		top.element,
		banners.element,
		h("div", { class: "columns" }, h("div", {}, ...drawn.map(({ element }) => element)), effective.element),
		bar.element,
		announcer,
	);
	views = [top, banners, ...drawn, effective, bar];
	update(state);
}

function drawSection(
	section: Field["section"],
	title: string,
	about: string,
	fields: readonly Field[],
	databases: Extract<ToPanel, { kind: "open" }>["databases"],
): View {
	const fieldViews = fields.map((field) => [field.variable, createField(field, extrasOf(field))] as const);
	const views = fieldViews.map(([, view]) => view);
	if (section === "llm") {
		const at = fieldViews.findIndex(([variable]) => variable === "LLM_BASE_URL") + 1;
		views.splice(at, 0, createKey("LLM_API_KEY"));
		views.unshift(createModelsNote());
		views.push(createTest("chat"));
	} else if (section === "embedding") {
		const at = fieldViews.findIndex(([variable]) => variable === "EMBEDDING_BASE_URL") + 1;
		views.splice(at, 0, createKey("EMBEDDING_API_KEY"));
		views.unshift(createModelsNote(), createEmbeddingUse());
		views.push(createTest("embedding"));
	} else if (section === "database") {
		views.unshift(createDatabaseChoice(databases));
		views.push(createPassword(), createKey("TEAM_SERVER_TOKEN"), createTest("storage"), createCopy());
	}
	const id = `section-${section}`;
	if (section === "advanced") return drawFolded(id, title, views, fields);
	return {
		element: h(
			"section",
			{ "aria-labelledby": id },
			h("h2", { id }, title),
			...(about ? [h("p", { class: "section-about" }, about)] : []),
			...views.map(({ element }) => element),
		),
		update: (state) => {
			for (const view of views) view.update(state);
		},
	};
}

/** A section that is folded until it is opened, or something in it needs a person. */
function drawFolded(id: string, title: string, views: readonly View[], fields: readonly Field[]): View {
	const summary = h("summary", {}, h("h2", { id }, title));
	const element = h("details", { "aria-labelledby": id }, summary, ...views.map((view) => view.element));
	let needed = false;
	return {
		element,
		update(state) {
			for (const view of views) view.update(state);
			const needs = fields.some(
				({ variable }) =>
					variable in state.problems || state.conflicts.some((each) => each.variable === variable),
			);
			// Opened once: a person may fold it again.
			if (needs && !needed) element.open = true;
			needed = needs;
		},
	};
}

function extrasOf({ variable }: Field): View[] {
	if (variable === "LLM_CHOICE") return [createModelList("chat", variable)];
	if (variable === "EMBEDDING_MODEL_CHOICE") return [createModelList("embedding", variable)];
	if (variable !== "MEMORY_DIR") return [];
	const browse = button(l10n.t("Browse…"), () => send({ kind: "browse" }));
	return [{ element: h("div", { class: "buttons" }, browse), update: () => undefined }];
}

/** Saving is explicit. */
function createBar(): View {
	const summary = h("p", { role: "status" });
	const save = button(l10n.t("Save"), () => send({ kind: "save" }), { class: "primary" });
	const discard = button(l10n.t("Discard"), () => send({ kind: "discard" }));
	return {
		element: h("footer", { class: "bar" }, summary, h("div", { class: "buttons" }, save, discard)),
		update(state) {
			setText(summary, state.summary);
			// Disabled in ARIA only, so that they keep the focus; saving with a problem leads to its field.
			save.setAttribute("aria-disabled", String(!state.canSave));
			discard.setAttribute("aria-disabled", String(!state.dirty));
		},
	};
}

function update(state: PanelState): void {
	for (const view of views) view.update(state);
}

listen((message) => {
	switch (message.kind) {
		case "open":
			open(message);
			break;
		case "state":
			update(message.state);
			break;
		case "focus": {
			// A person who is typing in another field by now must not lose the focus.
			if (document.hasFocus() && document.activeElement instanceof HTMLInputElement) break;
			const field =
				document.getElementById(`field-${message.variable}`) ??
				document.getElementById(`key-${message.variable}`);
			const folded = field?.closest("details");
			if (folded) folded.open = true;
			field?.focus();
			field?.closest(".field")?.scrollIntoView({ block: "center" });
			break;
		}
		case "announce":
			if (announcer) announcer.textContent = plain(message.text);
			break;
	}
});
send({ kind: "ready" });
