import { createRequire } from "node:module";
import * as vscode from "vscode";
import { networkSettings, type SystemProxy, systemProxy } from "../../config/network.ts";
import type { Environment } from "../../config/variables.ts";

/** The section of VS Code's settings of the network. */
export const networkSection = "http";

/**
 * The environment of this VS Code, with its own settings of the network beside the variables. Those are read whenever
 * they are looked up, so that a change counts at once. A workspace has no influence.
 */
export function hostEnvironment(): Environment {
	const settings = networkSettings.map((name) => {
		const get = () => {
			const inspected = vscode.workspace.getConfiguration().inspect(name);
			return asText(inspected?.globalValue ?? inspected?.defaultValue);
		};
		return [name, { get, enumerable: true }] as const;
	});
	return Object.defineProperties(
		{ ...process.env, [systemProxy]: findSystemProxy },
		Object.fromEntries(settings),
	);
}

function asText(value: unknown): string | undefined {
	return value === undefined || value === null ? undefined : String(value);
}

/** The part of VS Code's own module used here; undefined in versions that have another. */
interface ProxyAgent {
	readonly resolveProxyURL?: SystemProxy;
}

/** VS Code alone knows the proxy that the operating system, or a script of the company, has for a URL. */
const findSystemProxy: SystemProxy = async (url) => {
	const require = createRequire(import.meta.url);
	for (const folder of ["node_modules", "node_modules.asar"])
		try {
			const agent = require(`${vscode.env.appRoot}/${folder}/@vscode/proxy-agent`) as ProxyAgent;
			return await agent.resolveProxyURL?.(url);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
		}
	return undefined;
};
