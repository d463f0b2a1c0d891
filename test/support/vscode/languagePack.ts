import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Lets a VS Code under test speak a language, as an installed language pack does: without one, it stays in English, and
 * so do extensions. This one has no words for VS Code itself.
 * @param dataFolder of the server.
 * @param language as VS Code names it, such as "zh-cn".
 */
export async function writeLanguagePack(dataFolder: string, language: string): Promise<void> {
	const folder = join(dataFolder, "data");
	await mkdir(folder, { recursive: true });
	const file = join(folder, `vscode-${language}.i18n.json`);
	await writeFile(file, JSON.stringify({ version: "1.0.0", contents: {} }));
	const extension = { extensionIdentifier: { id: `mcp-mem0-test.${language}` }, version: "1.0.0" };
	const pack = {
		hash: `test-${language}`,
		extensions: [extension],
		translations: { vscode: file },
		label: language,
	};
	await writeFile(join(folder, "languagepacks.json"), JSON.stringify({ [language]: pack }));
}
