import * as l10n from "@vscode/l10n";
import type { FindingView, PanelState, TestedRole, ToExtension } from "../../src/settings/panel/protocol.ts";
import { isCurrent, send, sendEdit } from "./channel.ts";
import { button, h, redraw, setText, type View } from "./dom.ts";

type Role = "chat" | "embedding";
type EditedVariable = Extract<ToExtension, { kind: "edit" }>["variable"];
type KeyVariable = Extract<ToExtension, { kind: "key" }>["variable"];

/** What the list of an endpoint's models says; the list itself is the field's. */
export function createModelList(role: Role, variable: EditedVariable): View {
	const said = h("p", { class: "hint", "aria-live": "polite", hidden: true });
	const remark = h("p", { class: "hint remark", "aria-live": "polite", hidden: true });
	const refresh = button("", () => send({ kind: "list-models", role }));
	let suggested = "";
	const take = button("", () => sendEdit(variable, suggested), { hidden: true });
	return {
		element: h("div", { class: "models" }, remark, take, said, refresh),
		update({ models: { [role]: models } }) {
			setText(remark, models.remark ?? "");
			suggested = models.suggestion ?? "";
			setText(take, suggested && l10n.t`Change to ${suggested}`);
			setText(said, models.text);
			said.classList.toggle("problem", models.state === "failed");
			refresh.textContent = models.state === "ready" ? l10n.t("List models") : l10n.t("List models again");
			refresh.hidden = models.state === "none" || models.state === "loading";
		},
	};
}

/** The status of a key, never the key itself: it is entered in VS Code's own input box. */
export function createKey(variable: KeyVariable): View {
	const id = `key-${variable}`;
	const said = h("p", { class: "key-text", id: `${id}-text`, "aria-live": "polite" });
	const warning = h("p", { class: "warning", hidden: true });
	const act = (action: Extract<ToExtension, { kind: "key" }>["action"]) => () =>
		send({ kind: "key", variable, action });
	const enter = button("", act("enter"), { id, "aria-describedby": said.id });
	const reuse = button("", act("reuse"));
	const none = button(l10n.t("Needs no key"), act("none"));
	const isToken = variable === "TEAM_SERVER_TOKEN";
	const remove = button(isToken ? l10n.t("Remove token") : l10n.t("Remove key"), act("remove"));
	const name = isToken ? l10n.t("Token") : l10n.t("API key");
	const label = h("span", { class: "label", id: `${id}-label` }, name);
	const element = h(
		"div",
		{ class: "field", "data-variable": variable, role: "group", "aria-labelledby": label.id },
		h("div", { class: "title", title: variable }, label),
		h("p", { class: "about" }, l10n.t("Kept in VS Code's secret storage and sent to one host only.")),
		said,
		warning,
		h("div", { class: "buttons" }, enter, reuse, none, remove),
	);
	return {
		element,
		update(state) {
			const key = state.keys.find((each) => each.variable === variable);
			// A half-typed base URL has no host yet; the buttons stay for a person who moves on to them.
			const { activeElement } = document;
			const inUse = activeElement instanceof HTMLInputElement || element.contains(activeElement);
			if (key || (!inUse && isCurrent(state))) element.hidden = key === undefined;
			if (!key) return;
			setText(said, key.text);
			setText(warning, key.warning ?? "");
			enter.textContent = key.enter;
			setText(reuse, key.reuse ?? "");
			none.hidden = !key.canSayNone;
			remove.hidden = !key.canRemove;
		},
	};
}

const useNames = (): Readonly<Record<PanelState["embedding"]["use"], string>> => ({
	builtin: l10n.t("The built-in model, on this machine"),
	same: l10n.t("The same endpoint as the language model"),
	default: l10n.t("The provider's default endpoint"),
	another: l10n.t("Another endpoint"),
});

/** The source of embeddings, and the rule that applies. */
export function createEmbeddingUse(): View {
	const where = h("p", { class: "hint", id: "embedding-where", "aria-live": "polite" });
	const dimensions = h("p", { class: "hint", id: "embedding-dimensions" });
	const select = h("select", {
		id: "embedding-use",
		"aria-describedby": where.id,
		onchange: () => send({ kind: "embedding-use", use: select.value as PanelState["embedding"]["use"] }),
	});
	const title = h(
		"div",
		{ class: "title" },
		h("label", { class: "label", for: select.id }, l10n.t("Embeddings use")),
	);
	const rule = l10n.t(
		"If EMBEDDING_BASE_URL is not set, it is the language model's endpoint if the provider is the same, else the provider's own; the word default means the provider's own.",
	);
	const uses = useNames();
	const about = h("p", { class: "about", title: rule }, l10n.t("Where texts go to be made comparable."));
	const element = h("div", { class: "field" }, title, about, select, where, dimensions);
	return {
		element,
		update({ embedding, database }) {
			element.hidden = database.choice === "server";
			redraw(select, embedding.uses, () =>
				embedding.uses.map((value) => h("option", { value }, uses[value])),
			);
			select.value = embedding.use;
			setText(where, embedding.where);
			setText(dimensions, embedding.dimensions && l10n.t`Dimensions: ${embedding.dimensions}`);
		},
	};
}

/** Why what stands below has no effect. */
export function createModelsNote(): View {
	const element = h("p", { class: "hint", hidden: true });
	return { element, update: ({ database: { models } }) => setText(element, models) };
}

const statusNames = (): Readonly<Record<FindingView["status"], string>> => ({
	ok: l10n.t("OK"),
	warning: l10n.t("Warning"),
	failed: l10n.t("Failed"),
	skipped: l10n.t("Skipped"),
});

/** Variables that a test does without. */
const left: Readonly<Record<TestedRole, RegExp>> = {
	chat: /^EMBEDDING_/,
	embedding: /^$/,
	storage: /^(LLM|EMBEDDING|AZURE_OPENAI)_/,
};

/** Runs the checks of a role on the edited values, and shows the findings with their fixes. */
export function createTest(role: TestedRole): View {
	const words = {
		chat: [l10n.t("Test language model"), l10n.t("What the test of the language model found")],
		embedding: [l10n.t("Test embeddings"), l10n.t("What the test of embeddings found")],
		storage: [l10n.t("Test database"), l10n.t("What the test of the database found")],
		server: [l10n.t("Test team's server"), l10n.t("What the test of the team's server found")],
	} as const;
	const [label, found] = words[role];
	const run = button(label, () => {
		if (run.getAttribute("aria-disabled") !== "true") send({ kind: "test", role });
	});
	const stop = button(l10n.t("Stop"), () => send({ kind: "cancel-test", role }), { hidden: true });
	const summary = h("p", { class: "test-summary", role: "status" });
	const list = h("ul", { class: "findings", "aria-label": found });
	const element = h("div", { class: "test" }, h("div", { class: "buttons" }, run, stop), summary, list);
	return {
		element,
		update({ tests: { [role]: test }, problems, database }) {
			const { choice } = database;
			element.hidden = choice === (role === "storage" ? "none" : "server");
			if (role === "storage") {
				const [name, result] = words[choice === "server" ? "server" : "storage"];
				setText(run, name);
				list.setAttribute("aria-label", result);
			}
			const running = test?.state === "running";
			// What the test leaves out may have problems.
			const wrong = Object.keys(problems).filter((name) => !left[role].test(name));
			// Disabled in ARIA only, so that it keeps the focus while the test runs.
			run.setAttribute("aria-disabled", String(running || wrong.length > 0));
			stop.hidden = !running;
			setText(summary, test?.summary ?? "");
			list.hidden = !test || test.findings.length === 0;
			redraw(list, test?.findings, () => (test?.findings ?? []).map((finding) => drawFinding(role, finding)));
		},
	};
}

function drawFinding(role: TestedRole, { id, status, title, seen, cause, fixes }: FindingView): HTMLElement {
	const ok = status === "ok";
	const body = h("div", {}, h("p", {}, h("strong", {}, title), ok ? `: ${seen}` : ""));
	if (!ok) body.append(h("p", {}, seen));
	if (cause) body.append(h("p", {}, cause));
	if (fixes.length > 0) {
		const buttons = fixes.map(({ label, button: canDo }, index) => {
			const fix = () => send({ kind: "fix", role, finding: id, index });
			const focusId = { "data-id": `${id}-${index}` };
			return canDo ? button(label, fix, focusId) : h("span", { class: "advice" }, label);
		});
		body.append(h("div", { class: "buttons" }, ...buttons));
	}
	const badge = h("span", { class: "badge" }, statusNames()[status]);
	return h("li", { class: status, "data-finding": id }, badge, body);
}
