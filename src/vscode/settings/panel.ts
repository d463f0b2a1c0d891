import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { VariableName } from "../../config/variables.ts";
import { databasePresets } from "../../settings/databasePresets.ts";
import { type ManifestSettings, panelFields } from "../../settings/panel/panelFields.ts";
import { readFromPanel, type ToExtension, type ToPanel } from "../../settings/panel/protocol.ts";
import { presets } from "../../settings/presets.ts";
import { inHtml } from "../../text/inert.ts";
import { language, plural } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { notify } from "../ui.ts";
import { SettingsSession } from "./session.ts";

const title = vscode.l10n.t("Mem0 Settings");

type Command = Extract<ToExtension, { kind: "command" }>["command"];

const commands: Readonly<Record<Exclude<Command, "settings">, readonly [string, ...unknown[]]>> = {
	import: ["mcpMem0.importEnv"],
	export: ["mcpMem0.exportEnv"],
	copy: ["mcpMem0.copyMcpConfiguration"],
	log: ["mcpMem0.showLog"],
};

/** Our settings are those of a machine. In a remote window they stand among that machine's, and nowhere else. */
function ownSettings(): readonly [string, ...unknown[]] {
	const query = "@ext:mcp-mem0.mcp-mem0";
	return vscode.env.remoteName === undefined
		? ["workbench.action.openSettings", query]
		: ["workbench.action.openRemoteSettings", { query }];
}

/** Our settings in package.json, in the window's language. */
function ownManifest({ extension }: vscode.ExtensionContext): ManifestSettings {
	const { contributes } = extension.packageJSON as {
		readonly contributes: { readonly configuration: readonly { readonly properties: ManifestSettings }[] };
	};
	return Object.assign({}, ...contributes.configuration.map(({ properties }) => properties));
}

/** The settings panel of this window. Its session outlives it while something is unsaved. */
export class SettingsPanel implements vscode.Disposable {
	readonly #deps: Deps;
	#session: Promise<SettingsSession> | undefined;
	#panel: vscode.WebviewPanel | undefined;
	/** The field that gets the cursor when the panel is drawn. */
	#focus: VariableName | undefined;

	constructor(deps: Deps) {
		this.#deps = deps;
	}

	/** Shows the panel. @returns the session behind it. */
	async show(focus?: VariableName, restored?: vscode.WebviewPanel): Promise<SettingsSession> {
		this.#session ??= SettingsSession.start(this.#deps);
		const session = await this.#session;
		// A panel behind another tab is drawn again when it comes to the front, like one that opens.
		if (this.#panel?.visible && focus) this.#post({ kind: "focus", variable: focus });
		else this.#focus = focus;
		if (this.#panel) this.#panel.reveal();
		else {
			this.#open(session, restored);
			// A panel that VS Code restores is nobody's wish to look for servers; a team's server has models of its own.
			if (!restored && !session.usesTeamServer) void session.findLocal();
		}
		return session;
	}

	dispose(): void {
		this.#panel?.dispose();
		void this.#session?.then((session) => session.dispose());
	}

	#open(session: SettingsSession, restored: vscode.WebviewPanel | undefined): void {
		const { extensionUri } = this.#deps.context;
		const dist = vscode.Uri.joinPath(extensionUri, "dist");
		const panel =
			restored ?? vscode.window.createWebviewPanel("mcpMem0.settings", title, vscode.ViewColumn.Active);
		panel.webview.options = { enableScripts: true, localResourceRoots: [dist] };
		panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "icon.png");
		this.#panel = panel;
		const publish = () => this.#post({ kind: "state", state: session.state });
		const subscriptions = vscode.Disposable.from(
			session.onDidChange(publish),
			session.onDidAnnounce((text) => this.#post({ kind: "announce", text })),
			panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(session, message)),
		);
		panel.onDidDispose(() => {
			subscriptions.dispose();
			this.#panel = undefined;
			void this.#closed(session);
		});
		panel.webview.html = html(panel.webview, dist);
	}

	#receive(session: SettingsSession, message: unknown): void {
		const read = readFromPanel(message);
		if (!read) {
			this.#deps.log.warn("The settings panel sent an unknown message; it was dropped.");
			return;
		}
		if (read.kind === "ready") {
			const { state } = session;
			const choices = presets.map(({ id, label, description }) => ({ id, label, description }));
			const databases = databasePresets().map(({ id, label, description }) => ({ id, label, description }));
			const fields = panelFields(ownManifest(this.#deps.context));
			this.#post({ kind: "open", fields, presets: choices, databases, state });
			if (this.#focus) this.#post({ kind: "focus", variable: this.#focus });
			this.#focus = undefined;
		} else if (read.kind === "command") {
			const [command, ...args] = read.command === "settings" ? ownSettings() : commands[read.command];
			void vscode.commands.executeCommand(command, ...args);
		} else
			void runForUser(this.#deps, async () => {
				const focus = await session.handle(read);
				if (focus) this.#post({ kind: "focus", variable: focus });
			});
	}

	/** Closing the panel must not silently lose what was typed. */
	async #closed(session: SettingsSession): Promise<void> {
		const { unsaved } = session;
		if (unsaved > 0) {
			const question = plural(
				unsaved,
				vscode.l10n.t("The Mem0 settings have # unsaved change."),
				vscode.l10n.t("The Mem0 settings have # unsaved changes."),
			);
			const discard = vscode.l10n.t("Discard");
			const chosen = await notify.warn(question, vscode.l10n.t("Reopen"), discard);
			if (this.#panel) return;
			if (chosen !== discard) {
				if (chosen) await this.show();
				return;
			}
		}
		session.dispose();
		this.#session = undefined;
	}

	#post(message: ToPanel): void {
		void this.#panel?.webview.postMessage(message);
	}
}

function html(webview: vscode.Webview, dist: vscode.Uri): string {
	const nonce = randomBytes(18).toString("base64");
	const resource = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
	return `<!DOCTYPE html>
<html lang="${language()}">
<head>
	<meta charset="utf-8">
	<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
	<meta name="viewport" content="width=device-width, initial-scale=1">
	<title>${title}</title>
	<link rel="stylesheet" href="${resource("panel.css")}">
	<script nonce="${nonce}" src="${resource("panel.js")}" defer></script>
</head>
<body><main id="panel" data-texts="${inHtml(JSON.stringify(vscode.l10n.bundle ?? {}))}"></main></body>
</html>
`;
}
