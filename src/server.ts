#!/usr/bin/env node
import { readFileSync } from "node:fs";

/** What goes wrong in a hook must not disturb the session around it. */
const isHook = process.argv[2] === "hook" && !process.argv.some((each) => /^(--help|-h)$/.test(each));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 16)) {
	if (!isHook) {
		process.stderr.write(
			`MCP Mem0 needs Node.js 22.16 or newer; this is ${process.versions.node}. Install a current one from https://nodejs.org.\n`,
		);
		process.exitCode = 1;
	}
} else if (isHook) {
	// A bundle of its own: the prompt waits until it is loaded.
	const bundle = new URL("hook/hookProcess.js", import.meta.url);
	const { main } = (await import(bundle.href)) as typeof import("./cli/hookProcess.ts");
	await main(process.argv.slice(3), new URL(".", import.meta.url));
} else {
	// Some versions of Node announce SQLite as experimental, which does not concern the user.
	const warn = process.emitWarning.bind(process);
	process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
		if (!String(warning).includes("SQLite")) (warn as (...args: unknown[]) => void)(warning, ...rest);
	};
	const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
		version: string;
	};
	const { main } = await import("./cli/main.ts");
	const code = await main(process.argv.slice(2), new URL(".", import.meta.url), version);
	// A failure to write the output was reported already.
	process.exitCode = code || process.exitCode || 0;
	// A client's stdin that stays open would keep the process alive after a signal.
	if (!process.stdin.destroyed) process.stdin.destroy();
}
