import * as l10n from "@vscode/l10n";
import { button, type Control, h, redraw } from "./dom.ts";

/**
 * A field whose values can be typed or chosen from a list: an editable combobox as the ARIA Authoring Practices describe
 * it. Any other value can be typed, too.
 */
export function createCombobox(
	input: HTMLInputElement,
	label: string,
	chosen: (value: string) => void,
): Control & { setOptions(names: readonly string[]): void } {
	const listId = `${input.id}-list`;
	const list = h("ul", { id: listId, role: "listbox", "aria-label": label, hidden: true });
	const toggle = button("", () => (list.hidden ? open(names) : close()), {
		class: "toggle",
		tabindex: "-1",
		"aria-label": l10n.t`Show the list: ${label}`,
		hidden: true,
	});
	let names: readonly string[] = [];
	let active = -1;

	input.setAttribute("role", "combobox");
	input.setAttribute("aria-autocomplete", "list");
	input.setAttribute("aria-controls", listId);
	const options = () => [...list.children] as HTMLElement[];
	const mark = (index: number) => {
		active = index;
		for (const [at, option] of options().entries())
			option.setAttribute("aria-selected", String(at === index));
		const option = options()[index];
		if (option) input.setAttribute("aria-activedescendant", option.id);
		else input.removeAttribute("aria-activedescendant");
		option?.scrollIntoView({ block: "nearest" });
	};
	const setOpen = (is: boolean) => {
		list.hidden = !is;
		input.setAttribute("aria-expanded", String(is));
		toggle.setAttribute("aria-expanded", String(is));
		mark(-1);
	};
	const close = () => setOpen(false);
	const open = (shown: readonly string[]) => {
		redraw(list, shown, () =>
			shown.map((name, at) =>
				h("li", { id: `${listId}-${at}`, role: "option", "aria-selected": "false", "data-name": name }, name),
			),
		);
		setOpen(shown.length > 0);
	};
	const choose = (option: HTMLElement | undefined) => {
		const { name } = option?.dataset ?? {};
		if (name === undefined) return;
		input.value = name;
		close();
		chosen(name);
	};
	const move = (by: number) => {
		if (list.hidden) open(names);
		const { length } = options();
		if (length > 0) mark(active < 0 && by < 0 ? length - 1 : (active + by + length) % length);
	};

	input.addEventListener("input", () => {
		const typed = input.value.trim().toLowerCase();
		const like = names.filter((name) => name.toLowerCase().includes(typed));
		// What is entered in full needs no list.
		open(like.length === 1 && like[0]?.toLowerCase() === typed ? [] : like);
	});
	input.addEventListener("keydown", (event) => {
		if (event.key === "ArrowDown") move(1);
		else if (event.key === "ArrowUp") move(-1);
		else if (event.key === "Enter" && active >= 0) choose(options()[active]);
		else if (event.key === "Escape" && !list.hidden) close();
		else return;
		event.preventDefault();
	});
	input.addEventListener("blur", close);
	// Before the field loses the focus.
	list.addEventListener("mousedown", (event) => {
		event.preventDefault();
		choose((event.target as HTMLElement).closest<HTMLElement>("[role=option]") ?? undefined);
	});
	toggle.addEventListener("mousedown", (event) => {
		event.preventDefault();
		input.focus();
	});
	close();
	return {
		element: h("div", { class: "combobox" }, input, toggle, list),
		input,
		setValue: (value) => {
			if (input.value !== value) input.value = value;
		},
		setOptions: (given) => {
			names = given;
			toggle.hidden = given.length === 0;
			if (given.length === 0) close();
		},
	};
}
