import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { listFiles, PackageManager } from "@vscode/vsce";
import { type Variable, variables } from "../../../src/config/variables.ts";
import { readManifest } from "../../support/l10n/strings.ts";

interface Setting {
	readonly type: string | readonly string[];
	readonly default: unknown;
	readonly enum?: readonly string[];
	readonly enumDescriptions?: readonly string[];
	readonly minimum?: number;
	readonly maximum?: number;
	readonly scope: string;
	readonly order: number;
	readonly markdownDescription?: string;
	readonly description?: string;
}

interface SettingGroup {
	readonly id: string;
	readonly title: string;
	readonly order: number;
	readonly properties: Readonly<Record<string, Setting>>;
}

interface Manifest {
	readonly engines: Readonly<Record<string, string>>;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly optionalDependencies?: Readonly<Record<string, string>>;
	readonly devDependencies: Readonly<Record<string, string>>;
	readonly capabilities: {
		readonly untrustedWorkspaces: {
			readonly supported: unknown;
			readonly restrictedConfigurations: readonly string[];
		};
	};
	readonly contributes: {
		readonly commands: readonly { readonly command: string }[];
		readonly walkthroughs: readonly {
			readonly steps: readonly {
				readonly description: string;
				readonly media: { readonly image: Readonly<Record<string, string>>; readonly altText: string };
				readonly completionEvents: readonly string[];
			}[];
		}[];
		readonly configuration: readonly SettingGroup[];
	};
}

const manifest = readManifest() as Manifest;
const groups = manifest.contributes.configuration;
const settings: Readonly<Record<string, Setting>> = Object.assign(
	{},
	...groups.map(({ properties }) => properties),
);
const withSetting: readonly Variable[] = (variables as readonly Variable[]).filter(({ setting }) => setting);

describe("The settings in package.json", () => {
	it("are those of the table of variables, each once", () => {
		const named = withSetting.map(({ setting }) => `mcpMem0.${setting}`);
		assert.deepEqual(Object.keys(settings).sort(), named.sort());
	});

	it("stand in the groups of the table, in its order", () => {
		assert.deepEqual(
			groups.map(({ id, order }) => [id, order]),
			["llm", "embedding", "memory", "database", "advanced"].map((section, index) => [
				`mcpMem0.${section}`,
				index + 1,
			]),
		);
		for (const { id, properties } of groups) {
			const own = withSetting.filter(({ section }) => id === `mcpMem0.${section}`);
			assert.deepEqual(
				Object.entries(properties).map(([name, { order }]) => [name, order]),
				own.map(({ setting }, index) => [`mcpMem0.${setting}`, index + 1]),
			);
		}
	});

	it("link to settings and commands that there are", () => {
		const commands: readonly string[] = manifest.contributes.commands.map(({ command }) => command);
		for (const { markdownDescription = "" } of Object.values(settings)) {
			for (const [, command = ""] of markdownDescription.matchAll(/\]\(command:([\w.]+)\)/g))
				assert.ok(commands.includes(command), command);
			for (const [, name = ""] of markdownDescription.matchAll(/`#([\w.]+)#`/g))
				assert.ok(name in settings, name);
		}
	});

	for (const variable of withSetting) {
		const setting = settings[`mcpMem0.${variable.setting}`];

		it(`give ${variable.name} the type, default and words of the table`, () => {
			const number = variable.type === "integer" || variable.type === "number";
			const type = number ? variable.type : variable.type === "headers" ? "object" : "string";
			// A number that may be left out is null in the settings; words that may, the empty one.
			const optional = variable.default === undefined;
			assert.deepEqual(setting?.type, number && optional ? [type, "null"] : type);
			const none = number ? null : variable.type === "headers" ? {} : "";
			assert.deepEqual(
				setting?.default,
				optional ? none : number ? Number(variable.default) : variable.default,
			);
			assert.deepEqual(
				setting?.enum,
				variable.values && [...(optional ? [""] : []), ...Object.keys(variable.values)],
			);
			assert.deepEqual([setting?.minimum, setting?.maximum], [variable.minimum, variable.maximum]);
			const described = setting?.enumDescriptions ?? [];
			assert.equal(described.length, setting?.enum?.length ?? 0);
			const meanings = Object.values(variable.values ?? {});
			assert.deepEqual(described.slice(described.length - meanings.length), meanings);
		});

		it(`say of ${variable.name} what the table says`, () => {
			const description = setting?.markdownDescription ?? setting?.description ?? "";
			assert.ok(description.replaceAll("`", "").startsWith(variable.doc), description);
			assert.ok(description.includes(variable.name), description);
		});

		it(`do not let a workspace set ${variable.name}`, () => {
			assert.ok(["machine", "application"].includes(setting?.scope ?? ""), setting?.scope);
		});
	}

	it("that redirect paths or identity are restricted in an untrusted workspace", () => {
		const redirecting = withSetting.filter(
			({ type, setting }) => ["string", "url", "headers"].includes(type) || setting?.endsWith(".provider"),
		);
		assert.ok(redirecting.length > 0);
		const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
		assert.ok(supported);
		for (const { setting } of redirecting)
			assert.ok(restrictedConfigurations.includes(`mcpMem0.${setting}`), setting);
		for (const name of restrictedConfigurations) assert.ok(name in settings, `${name} is no setting`);
	});

	it("hold no secret", () => {
		for (const variable of withSetting) assert.ok(!variable.secret, variable.name);
	});
});

describe("The walkthrough", () => {
	const steps = manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
	const commands: readonly string[] = manifest.contributes.commands.map(({ command }) => command);

	it("has four steps, with pictures for every theme that are in the package, and words for who does not see them", async () => {
		assert.equal(steps.length, 4);
		const files = await listFiles({ packageManager: PackageManager.None });
		for (const { media } of steps) {
			assert.deepEqual(Object.keys(media.image).sort(), ["dark", "hc", "hcLight", "light"]);
			for (const picture of Object.values(media.image)) assert.ok(files.includes(picture), picture);
			assert.ok(media.altText.length > 20);
		}
	});

	it("leads to commands that there are, and is done with a step when one was used", () => {
		for (const { description, completionEvents } of steps) {
			const named = [...description.matchAll(/\]\(command:([\w.]+)\)/g)].map(([, command = ""]) => command);
			for (const command of named.filter((each) => each.startsWith("mcpMem0.")))
				assert.ok(commands.includes(command), command);
			for (const event of completionEvents) assert.ok(event.startsWith("onCommand:"), event);
			assert.ok(completionEvents.some((event) => named.includes(event.slice("onCommand:".length))));
		}
	});
});

describe("The package", () => {
	it("brings everything it needs at run time in its bundle", () => {
		assert.deepEqual(manifest.dependencies ?? {}, {});
		assert.deepEqual(manifest.optionalDependencies ?? {}, {});
	});

	it("holds mem0ai without its telemetry, its notices and its native database", () => {
		const scripts = readdirSync("dist", { recursive: true })
			.map(String)
			.filter((file) => /\.c?js$/.test(file));
		assert.ok(scripts.includes("mem0.js"));
		for (const file of scripts) {
			// A build for debugging names the modules that were left out.
			const text = readFileSync(join("dist", file), "utf8")
				.replace(/^\s*\/\/.*$/gm, "")
				.replace(/"left-out:[^"]*"/g, "");
			assert.doesNotMatch(text, /posthog|mem0ai\/mem0\/main|better-sqlite3/, file);
		}
	});

	it("loads neither mem0ai nor the openai package before a text is to be distilled", () => {
		const eager = (file: string, seen = new Set<string>()): Set<string> => {
			if (seen.has(file)) return seen;
			seen.add(file);
			const text = readFileSync(file, "utf8");
			for (const [, path = ""] of text.matchAll(/(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g))
				eager(join(dirname(file), path), seen);
			return seen;
		};
		for (const entry of ["dist/extension.js", "dist/server.js"])
			for (const file of eager(entry))
				assert.doesNotMatch(readFileSync(file, "utf8"), /Memory Extractor|AzureOpenAI/, file);
	});

	it("holds no native module", () => {
		const files = readdirSync("dist", { recursive: true }).map(String);
		assert.ok(files.includes("server.js"));
		assert.deepEqual(
			files.filter((file) => /\.(node|dll|so|dylib)$/.test(file)),
			[],
		);
	});

	it("promises an editor no older than the API it is written against", () => {
		const numbers = (range: string | undefined) => (range ?? "").replace(/^\D*/, "").split(".").map(Number);
		const [major = 0, minor = 0] = numbers(manifest.engines.vscode);
		const [apiMajor = 0, apiMinor = 0] = numbers(manifest.devDependencies["@types/vscode"]);
		assert.ok(apiMajor > 0 && (major > apiMajor || (major === apiMajor && minor >= apiMinor)));
	});

	it("locks its dependencies without naming a registry", () => {
		const lock = readFileSync("package-lock.json", "utf8");
		assert.match(lock, /"integrity": "sha512-/);
		assert.doesNotMatch(lock, /"resolved"/);
		assert.doesNotMatch(lock, /registry\.|\.tgz/);
	});

	it("is published as an extension without sources, tests or anything else that lies about", async () => {
		const files = await listFiles({ packageManager: PackageManager.None });
		for (const needed of ["package.json", "README.md", "LICENSE", "dist/extension.js", "dist/server.js"])
			assert.ok(files.includes(needed), needed);
		const allowed =
			/^(dist\/.+|media\/([\w-]+\.png|view\.svg|agents\/.+)|package\.json|package\.nls\.(?:[\w-]+\.)?json|l10n\/bundle\.l10n\.[\w-]+\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
		assert.deepEqual(
			files.filter((file) => !allowed.test(file) || /\.(ts|vsix)$/.test(file)),
			[],
		);
	});
});
