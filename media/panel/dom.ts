import { type PanelState, plain } from "../../src/settings/panel/protocol.ts";

/** Shows a part of the state. */
export interface View {
	readonly element: HTMLElement;
	update(state: PanelState): void;
}

/** Holds the value of a setting. */
export interface Control {
	readonly element: HTMLElement;
	/** The label's target, which takes the focus. */
	readonly input: HTMLElement;
	setValue(value: string): void;
	/** What depends on more than the value. */
	update?(state: PanelState): void;
}

type Child = Node | string;

interface Properties {
	readonly [name: string]: string | boolean | ((event: Event) => void);
}

/** An element with attributes, listeners (`onclick`) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	properties: Properties = {},
	...children: readonly Child[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (typeof value === "function") element.addEventListener(name.slice(2), value);
		else if (typeof value === "boolean") element.toggleAttribute(name, value);
		else element.setAttribute(name, value);
	}
	element.append(...children.map((child) => (typeof child === "string" ? plain(child) : child)));
	return element;
}

export function button(label: string, action: () => void, properties: Properties = {}): HTMLButtonElement {
	return h("button", { type: "button", class: "secondary", onclick: action, ...properties }, label);
}

/** Sets the text only if it changed, so that a screen reader does not repeat it. */
export function setText(element: HTMLElement, given: string): void {
	const text = plain(given);
	if (element.textContent !== text) element.textContent = text;
	element.hidden = text === "";
}

/** Draws a part again if its contents changed; the focus stays on the element with the same `data-id`. */
export function redraw(container: HTMLElement, shown: unknown, draw: () => readonly Child[]): void {
	const key = JSON.stringify(shown ?? null);
	if (container.dataset.shown === key) return;
	container.dataset.shown = key;
	const focused = container.contains(document.activeElement)
		? (document.activeElement as HTMLElement).dataset.id
		: undefined;
	container.replaceChildren(...draw());
	if (focused) container.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}
