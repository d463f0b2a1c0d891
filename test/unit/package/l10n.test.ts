import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as l10n from "@vscode/l10n";
import { waitsNote } from "../../../src/memory/access/sharing.ts";
import { panelFields } from "../../../src/settings/panel/panelFields.ts";
import { presets } from "../../../src/settings/presets.ts";
import { conflictOf } from "../../../src/store/away/conflicts.ts";
import { ageOf, counted, language, listOf, plural } from "../../../src/text/wording.ts";
import { bareTexts, bareTextsIn } from "../../support/l10n/bareTexts.ts";
import { sameIn } from "../../support/l10n/same.ts";
import {
	bundleFile,
	manifestFile,
	mistakesIn,
	readManifest,
	readStrings,
	sourceFiles,
	sourceStrings,
	translations,
} from "../../support/l10n/strings.ts";

describe("The strings of the user interface", () => {
	let asked: Awaited<ReturnType<typeof sourceStrings>>;

	before(async function () {
		// It parses all sources.
		this.timeout(180_000);
		asked = await sourceStrings();
	});

	it("are all in the English bundle, and no other: npm run l10n writes it", () => {
		assert.deepEqual(JSON.parse(readFileSync(bundleFile(), "utf8")), asked);
	});

	it("are all given to l10n.t", () => {
		const known = new Set(Object.keys(asked));
		assert.deepEqual(bareTexts(known), []);
		for (const line of [
			'void notify.info("Saved for you");',
			"label: `In the folder " + "$" + "{name}`,",
			'show(vscode.l10n.t("Known"), "Not known here")',
		])
			assert.equal(bareTextsIn("src/vscode/a.ts", line, new Set(["Known"])).length, 1, line);
		for (const line of ['log.warn("Not for people");', 'vscode.l10n.t("Saved for you")', "// Not a text"])
			assert.deepEqual(bareTextsIn("src/vscode/a.ts", line, new Set()), []);
	});

	it("of package.json are all in package.nls.json, and used there", () => {
		const text = readFileSync("package.json", "utf8");
		const keys = [...text.matchAll(/"%([\w.]+)%"/g)].map(([, key = ""]) => key);
		assert.deepEqual([...new Set(keys)].sort(), Object.keys(readStrings(manifestFile())));
		const literal = /"(title|name|contents|altText|markdownDescription|description)": "(?!%|Mem0").+/g;
		// The description stands on npm's page, which knows no translations.
		assert.equal([...text.matchAll(literal)].filter(([line]) => !line.includes("mcp-mem0")).length, 1);
	});

	it("are worded when they are asked for, not when a module is loaded, which is before the language is known", () => {
		const files = sourceFiles(["src"]).filter(
			(file) => file !== "src/extension.ts" && readFileSync(file, "utf8").includes('from "@vscode/l10n"'),
		);
		assert.ok(files.length > 20);
		const script = `
			import { registerHooks } from "node:module";
			const early = "data:text/javascript,export const t = () => { throw new Error('worded too early'); };";
			registerHooks({ resolve: (name, context, next) =>
				name === "@vscode/l10n" ? { url: early, format: "module", shortCircuit: true } : next(name, context) });
			for (const file of ${JSON.stringify(files.map((file) => resolve(file)))}) await import(file);`;
		execFileSync(process.execPath, ["--input-type=module", "--eval", script], { stdio: "pipe" });
	});

	for (const translation of translations)
		for (const file of [bundleFile, manifestFile])
			it(`are all translated in ${file(translation)}`, () => {
				const mistakes = mistakesIn(readStrings(file()), readStrings(file(translation)), sameIn[translation]);
				assert.deepEqual(mistakes, []);
			});

	it("are found wanting where a translation lacks one, has one too many, loses a placeholder, or is English", () => {
		const english = { "Copied {0}": "Copied {0}", Delete: "Delete", "See `#a.b#`": "See `#a.b#`" };
		const good = { "Copied {0}": "{0} kopiert", Delete: "Löschen", "See `#a.b#`": "Siehe `#a.b#`" };
		assert.deepEqual(mistakesIn(english, good), []);
		const { Delete: _, ...less } = good;
		const bad = [
			less,
			{ ...good, Unknown: "Unbekannt" },
			{ ...good, "Copied {0}": "Kopiert" },
			{ ...good, Delete: "Delete" },
			{ ...good, "See `#a.b#`": "Siehe `#a.c#`" },
			Object.fromEntries(Object.entries(good).reverse()),
		];
		for (const each of bad) assert.equal(mistakesIn(english, each).length, 1, JSON.stringify(each));
	});
});

describe("Texts outside of VS Code's own rooms", () => {
	const speak = (contents: Readonly<Record<string, string>>) => l10n.config({ contents });
	afterEach(() => speak({}));
	const day = 86_400_000;

	it("are English without a translation, whatever the machine speaks", () => {
		assert.equal(language(), "en");
		assert.equal(counted(2), "2 memories");
		assert.equal(ageOf(0, 3 * day), "3 days ago");
	});

	it("follow the language of the bundle, with its plural forms, ages and lists", () => {
		speak(readStrings(bundleFile("de")));
		assert.deepEqual(
			[counted(0), counted(1), counted(2)],
			["0 Erinnerungen", "1 Erinnerung", "2 Erinnerungen"],
		);
		assert.equal(ageOf(0, 3 * day), "vor 3 Tagen");
		assert.equal(listOf(["a", "b"]), "a und b");
		speak(readStrings(bundleFile("zh-cn")));
		assert.equal(counted(1), "1 条记忆");
		assert.equal(ageOf(0, 3 * day), "3天前");
		assert.equal(listOf(["a", "b"]), "a和b");
		// Chinese has one form.
		assert.equal(plural(1, "one", "many"), "many");
	});

	it("say in it why something is proposed, and what waits", () => {
		speak(readStrings(bundleFile("de")));
		const memory = { id: "1", seq: 1, text: "We use npm", userId: "ada", scope: "global" } as const;
		const stored = { ...memory, createdAt: 0, updatedAt: 0 };
		const at = { key: "1", at: 0 };
		for (const candidate of [
			conflictOf(stored, stored, at),
			conflictOf(stored, undefined, at),
			conflictOf(undefined, stored, at),
		])
			assert.match(candidate?.why ?? "", /während die Datenbank nicht erreichbar war/);
		assert.match(waitsNote({ visibility: "proposed-team" }) ?? "", /bis die Administration angenommen hat/);
	});

	it("of the settings panel follow it, too, those of package.json included", () => {
		speak(readStrings(bundleFile("de")));
		const settings = settingsOf(readManifest("de"));
		const provider = panelFields(settings).find(({ variable }) => variable === "LLM_PROVIDER");
		assert.equal(provider?.label, "Anbieter");
		assert.match(provider?.doc ?? "", /^Sprachmodell, das .* wortgetreu bleiben\.$/);
		assert.equal(provider?.options[0]?.label, "Keines: Texte bleiben wortgetreu");
		assert.equal(presets[0]?.label, "Integriert und offline");
	});

	it("of the settings panel are the table's in English", () => {
		assert.deepEqual(panelFields(settingsOf(readManifest())), panelFields());
	});
});

function settingsOf(manifest: unknown): NonNullable<Parameters<typeof panelFields>[0]> {
	const { contributes } = manifest as {
		readonly contributes: { readonly configuration: readonly { readonly properties: object }[] };
	};
	return Object.assign({}, ...contributes.configuration.map(({ properties }) => properties));
}
