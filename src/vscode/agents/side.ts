interface Window {
	/** As VS Code names the kind of remote; undefined: the window is local. */
	readonly remote: string | undefined;
	/** Whether the extension runs beside the window rather than on the remote machine. */
	readonly besideWindow: boolean;
	/** A window in a browser is always on its server's machine. */
	readonly inBrowser: boolean;
	readonly untrustedFolder: boolean;
}

const kinds: Readonly<Record<string, string>> = {
	wsl: "in WSL",
	"ssh-remote": "on the SSH host",
	"dev-container": "in the container",
	"attached-container": "in the container",
	codespaces: "in the codespace",
	tunnel: "at the other end of the tunnel",
};

/** What a person should know of where agents' files are, and which of them are not offered. */
export function sideRemark({ remote, besideWindow, inBrowser, untrustedFolder }: Window): string {
	const there = remote === undefined ? "" : (kinds[remote] ?? `on ${remote}`);
	const remarks = [
		there && besideWindow
			? `Only agents on this computer; for those ${there}, run mcp-mem0 connect there.`
			: "",
		there && !besideWindow && !inBrowser ? `Only agents ${there}, where the extension runs.` : "",
		untrustedFolder ? "The folder is not trusted, so its files are left out." : "",
	];
	return remarks.filter(Boolean).join(" ");
}
