import { readFromExtension, type ToExtension, type ToPanel } from "../../src/settings/panel/protocol.ts";

interface VsCodeApi {
	postMessage(message: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** The newest edit that was sent: a state without it must not overwrite what was typed. */
let sequence = 0;

export function send(message: ToExtension): void {
	api.postMessage(message);
}

export function sendEdit(variable: Extract<ToExtension, { kind: "edit" }>["variable"], value: string): void {
	sequence += 1;
	send({ kind: "edit", variable, value, sequence });
}

export function isCurrent(state: { readonly sequence: number }): boolean {
	return state.sequence >= sequence;
}

export function listen(receive: (message: ToPanel) => void): void {
	window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
		const message = readFromExtension(data);
		if (!message) return;
		// A panel that was hidden and is drawn again continues the count.
		if (message.kind === "open") sequence = message.state.sequence;
		receive(message);
	});
}
