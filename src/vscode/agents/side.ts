import * as l10n from "@vscode/l10n";

interface Window {
	/** As VS Code names the kind of remote; undefined: the window is local. */
	readonly remote: string | undefined;
	/** Whether the extension runs beside the window rather than on the remote machine. */
	readonly besideWindow: boolean;
	/** A window in a browser is always on its server's machine. */
	readonly inBrowser: boolean;
	readonly untrustedFolder: boolean;
}

function placeOf(remote: string): string {
	const places: Readonly<Record<string, string>> = {
		wsl: l10n.t("in WSL"),
		"ssh-remote": l10n.t("on the SSH host"),
		"dev-container": l10n.t("in the container"),
		"attached-container": l10n.t("in the container"),
		codespaces: l10n.t("in the codespace"),
		tunnel: l10n.t("at the other end of the tunnel"),
	};
	return places[remote] ?? l10n.t`on ${remote}`;
}

/** What a person should know of where agents' files are, and which of them are not offered. */
export function sideRemark({ remote, besideWindow, inBrowser, untrustedFolder }: Window): string {
	const there = remote === undefined ? "" : placeOf(remote);
	const remarks = [
		there && besideWindow
			? l10n.t`Only agents on this computer; for those ${there}, run mcp-mem0 connect there.`
			: "",
		there && !besideWindow && !inBrowser ? l10n.t`Only agents ${there}, where the extension runs.` : "",
		untrustedFolder ? l10n.t("The folder is not trusted, so its files are left out.") : "",
	];
	return remarks.filter(Boolean).join(" ");
}
