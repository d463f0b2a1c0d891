import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { registryEntry } from "../../support/registry.ts";

const text = (maxLength: number, pattern?: string) => ({
	type: "string",
	minLength: 1,
	maxLength,
	...(pattern ? { pattern } : {}),
});
/**
 * What the registry's schema of 2025-12-11 asks of the parts that we use, or more: it takes further fields everywhere, and
 * packages of other kinds. Compared with schemas/2025-12-11/server.schema.json of modelcontextprotocol/static (12022ab).
 */
const schema = {
	type: "object",
	required: ["$schema", "name", "description", "version", "packages"],
	additionalProperties: false,
	properties: {
		$schema: { const: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json" },
		name: { ...text(200, "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$"), minLength: 3 },
		title: text(100),
		description: text(100),
		version: text(255, "^\\d+\\.\\d+\\.\\d+$"),
		packages: {
			type: "array",
			minItems: 1,
			items: {
				type: "object",
				required: ["registryType", "identifier", "version", "transport"],
				additionalProperties: false,
				properties: {
					registryType: { const: "npm" },
					identifier: text(214),
					version: text(255, "^\\d+\\.\\d+\\.\\d+$"),
					runtimeHint: { const: "npx" },
					transport: {
						type: "object",
						required: ["type"],
						additionalProperties: false,
						properties: { type: { const: "stdio" } },
					},
					environmentVariables: {
						type: "array",
						items: {
							type: "object",
							required: ["name", "description"],
							additionalProperties: false,
							properties: {
								name: text(100, "^[A-Z][A-Z0-9_]*$"),
								description: text(1000),
								format: { enum: ["string", "number", "boolean", "filepath"] },
								isSecret: { type: "boolean" },
								default: { type: "string" },
								choices: { type: "array", items: { type: "string" }, uniqueItems: true },
							},
						},
					},
				},
			},
		},
	},
};

describe("server.json, for the MCP registry", () => {
	const manifest = JSON.parse(readFileSync("package.json", "utf8"));
	const entry = JSON.parse(readFileSync("server.json", "utf8"));

	it("has what package.json and the table of variables say: node test/support/registry.ts writes it", () => {
		assert.deepEqual(entry, JSON.parse(JSON.stringify(registryEntry(manifest))));
	});

	it("is as the registry's schema asks", () => {
		const validate = new Ajv({ allErrors: true }).compile(schema);
		assert.ok(validate(entry), JSON.stringify(validate.errors));
		assert.ok(!validate({ ...entry, description: "x".repeat(101) }));
	});

	it("names the npm package that names it", () => {
		assert.equal(entry.name, manifest.mcpName);
		assert.equal(entry.packages[0].identifier, manifest.name);
	});

	it("marks every key as secret, and asks for none over stdio that is only for HTTP", () => {
		const named: { name: string; isSecret?: boolean }[] = entry.packages[0].environmentVariables;
		for (const { name, isSecret } of named)
			assert.equal(isSecret === true, /_KEY$|_TOKEN$|^DATABASE_URL$/.test(name), name);
		assert.ok(!named.some(({ name }) => name === "AUTH_TOKEN"));
	});
});
