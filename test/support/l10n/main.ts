/** `npm run l10n`: writes the English bundle anew from the sources, sorts the translations, and says what they lack. */
import { writeFileSync } from "node:fs";
import { sameIn } from "./same.ts";
import {
	bundleFile,
	manifestFile,
	mistakesIn,
	readStrings,
	sorted,
	sourceStrings,
	translations,
} from "./strings.ts";

const write = (file: string, strings: Parameters<typeof sorted>[0]) => {
	// A comment stands on one line, as Biome has it.
	const text = JSON.stringify(sorted(strings), undefined, "\t").replace(/\[\n\s*("[^\n]*")\n\s*\]/g, "[$1]");
	writeFileSync(file, `${text}\n`);
};

write(bundleFile(), await sourceStrings());
write(manifestFile(), readStrings(manifestFile()));
for (const language of translations)
	for (const file of [bundleFile, manifestFile]) {
		const translated = readStrings(file(language));
		write(file(language), translated);
		for (const mistake of mistakesIn(readStrings(file()), translated, sameIn[language]))
			console.log(`${file(language)}: ${mistake}`);
	}
