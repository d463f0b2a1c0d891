#!/usr/bin/env node
import { readFileSync } from "node:fs";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 16)) {
	process.stderr.write(
		`MCP Mem0 needs Node.js 22.16 or newer; this is ${process.versions.node}. Install a current one from https://nodejs.org.\n`,
	);
	process.exitCode = 1;
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
