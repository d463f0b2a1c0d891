import * as l10n from "@vscode/l10n";
import { type PanelState, splitPassword, type ToPanel } from "../../src/settings/panel/protocol.ts";
import { send, sendEdit } from "./channel.ts";
import { button, type Control, h, setText, type View } from "./dom.ts";

type Databases = Extract<ToPanel, { kind: "open" }>["databases"];
type Choice = PanelState["database"]["choice"];

/** Where the memory is: a choice fills in a URL of the right form. */
export function createDatabaseChoice(databases: Databases): View {
	const about = h("p", { class: "hint", id: "database-about", "aria-live": "polite" });
	const select = h("select", {
		id: "database",
		"aria-describedby": about.id,
		onchange: () => send({ kind: "database", choice: select.value as Choice }),
	});
	for (const { id, label } of databases) select.append(h("option", { value: id }, label));
	const title = h(
		"div",
		{ class: "title" },
		h("label", { class: "label", for: select.id }, l10n.t("Shared through")),
	);
	return {
		element: h("div", { class: "field" }, title, select, about),
		update({ database: { choice } }) {
			select.value = choice;
			setText(about, databases.find(({ id }) => id === choice)?.description ?? "");
		},
	};
}

/** The status of the password, never the password itself: it is entered in VS Code's own input box. */
export function createPassword(): View {
	const said = h("p", { class: "key-text", id: "database-password-text", "aria-live": "polite" });
	const act = (action: "enter" | "remove") => () => send({ kind: "password", action });
	const enter = button("", act("enter"), { id: "database-password", "aria-describedby": said.id });
	const remove = button(l10n.t("Remove password"), act("remove"));
	const label = h("span", { class: "label", id: "database-password-label" }, l10n.t("Password"));
	const element = h(
		"div",
		{ class: "field", "data-variable": "DATABASE_PASSWORD", role: "group", "aria-labelledby": label.id },
		h("div", { class: "title" }, label),
		h("p", { class: "about" }, l10n.t("Kept in VS Code's secret storage and sent to one host only.")),
		said,
		h("div", { class: "buttons" }, enter, remove),
	);
	return {
		element,
		update({ database: { password } }) {
			element.hidden = password === undefined;
			if (!password) return;
			setText(said, password.text);
			enter.textContent = password.hasPassword ? l10n.t("Replace password…") : l10n.t("Enter password…");
			remove.hidden = !password.hasPassword;
		},
	};
}

/** What becomes of the memories on this machine. */
export function createCopy(): View {
	const said = h("p", { class: "hint" });
	const copy = button(l10n.t("Copy My Memories There…"), () => {
		if (copy.getAttribute("aria-disabled") !== "true") send({ kind: "copy-memories" });
	});
	const element = h(
		"div",
		{ class: "field", id: "copy-memories" },
		said,
		h("div", { class: "buttons" }, copy),
	);
	return {
		element,
		update({ database: { memories, choice }, problems }) {
			element.hidden = memories === "";
			setText(said, memories);
			copy.hidden = choice === "server";
			copy.setAttribute("aria-disabled", String("DATABASE_URL" in problems));
		},
	};
}

/** A URL that loses its password at once when it is pasted, and when the cursor leaves it after it was typed. */
export function createDatabaseUrl(input: HTMLInputElement): Control {
	let typed = false;
	const strip = () => {
		const { url } = splitPassword(input.value);
		if (url !== input.value) input.value = url;
	};
	input.addEventListener("input", (event) => {
		typed = event instanceof InputEvent && isLetter(event);
		sendEdit("DATABASE_URL", input.value);
		if (!typed) strip();
	});
	input.addEventListener("change", () => {
		typed = false;
		strip();
	});
	return {
		element: input,
		input,
		setValue: (value) => {
			// Letter by letter, the password ends only where the host does.
			if (typed && splitPassword(input.value).url === value) return;
			if (input.value !== value) input.value = value;
		},
	};
}

function isLetter({ inputType, data }: InputEvent): boolean {
	return inputType.startsWith("delete") || (inputType === "insertText" && data?.length === 1);
}
