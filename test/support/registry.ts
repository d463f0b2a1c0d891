/**
 * What the MCP registry (https://registry.modelcontextprotocol.io) is told of the server. `node test/support/registry.ts`
 * writes `server.json` from package.json and the table of variables (then `npx biome check --write server.json`); a unit test tells when it is not up to date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Variable, variables } from "../../src/config/variables.ts";

interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly mcpName: string;
}

/** Over stdio there is no host, port or token; VS Code sets the last. */
const elsewhere: readonly string[] = [
	"TRANSPORT",
	"HOST",
	"PORT",
	"AUTH_TOKEN",
	"ALLOWED_HOSTS",
	"ASK_VSCODE",
	"PUBLIC_URL",
	"OAUTH_ISSUER",
	"OAUTH_AUDIENCE",
	"OAUTH_SCOPE",
	"OAUTH_USER_CLAIM",
	"OAUTH_ADMINS",
	"RATE_LIMIT_PER_MINUTE",
];

export function registryEntry({ name, version, mcpName }: Manifest) {
	return {
		$schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
		name: mcpName,
		title: "MCP Mem0",
		description: "Long-term memory for agents, on your own machine and model endpoints.",
		version,
		packages: [
			{
				registryType: "npm",
				identifier: name,
				version,
				runtimeHint: "npx",
				transport: { type: "stdio" },
				environmentVariables: (variables as readonly Variable[])
					.filter((variable) => !elsewhere.includes(variable.name))
					.map(entryOf),
			},
		],
	};
}

function entryOf({ name, doc, type, secret, default: value, values }: Variable) {
	const format = type === "path" ? "filepath" : ["integer", "number"].includes(type) ? "number" : "string";
	return {
		name,
		description: doc,
		format,
		// A database's URL may have a password in it.
		...(secret || type === "database" ? { isSecret: true } : {}),
		...(value === undefined ? {} : { default: value }),
		...(values ? { choices: Object.keys(values) } : {}),
	};
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
	writeFileSync("server.json", `${JSON.stringify(registryEntry(manifest), undefined, "\t")}\n`);
}
