import { stemmer as arabic } from "@orama/stemmers/arabic";
import { stemmer as danish } from "@orama/stemmers/danish";
import { stemmer as dutch } from "@orama/stemmers/dutch";
import { stemmer as finnish } from "@orama/stemmers/finnish";
import { stemmer as french } from "@orama/stemmers/french";
import { stemmer as german } from "@orama/stemmers/german";
import { stemmer as greek } from "@orama/stemmers/greek";
import { stemmer as hungarian } from "@orama/stemmers/hungarian";
import { stemmer as hindi } from "@orama/stemmers/indian";
import { stemmer as italian } from "@orama/stemmers/italian";
import { stemmer as norwegian } from "@orama/stemmers/norwegian";
import { stemmer as portuguese } from "@orama/stemmers/portuguese";
import { stemmer as romanian } from "@orama/stemmers/romanian";
import { stemmer as russian } from "@orama/stemmers/russian";
import { stemmer as spanish } from "@orama/stemmers/spanish";
import { stemmer as swedish } from "@orama/stemmers/swedish";
import { stemmer as tamil } from "@orama/stemmers/tamil";
import { stemmer as turkish } from "@orama/stemmers/turkish";
import { stemmer as ukrainian } from "@orama/stemmers/ukrainian";
import { stemmer as english } from "stemmer";
import type { Language } from "./language.ts";

const stemmers: Readonly<Partial<Record<Language, (word: string) => string>>> = {
	ar: arabic,
	da: danish,
	de: german,
	el: greek,
	es: spanish,
	fi: finnish,
	fr: french,
	hi: hindi,
	hu: hungarian,
	it: italian,
	nl: dutch,
	no: norwegian,
	pt: portuguese,
	ro: romanian,
	ru: russian,
	sv: swedish,
	ta: tamil,
	tr: turkish,
	uk: ukrainian,
};

/** Letters that differ between spellings of one word and that Unicode does not take apart. */
const folded: Readonly<Record<string, string>> = {
	ß: "ss",
	ı: "i",
	đ: "d",
	ø: "o",
	ł: "l",
	æ: "ae",
	œ: "oe",
	ى: "ي",
	ة: "ه",
	// FTS5 treats the two forms of sigma as one.
	ς: "σ",
};
const foldable = new RegExp(`[${Object.keys(folded).join("")}]`, "gu");

/** Accents of Latin, Greek and Cyrillic letters; vowel marks and the stretching of Arabic and Hebrew ones. */
const marks = /[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]/gu;

const asciiWord = /^[a-z]{3,}$/;

/** The stem of a word of a language, in lower case and without marks: equal for all its forms, as far as rules go. */
export function stem(word: string, language: Language): string {
	const lower = word.toLowerCase();
	if (language === "en") {
		const plain = fold(lower);
		return asciiWord.test(plain) ? english(plain) : plain;
	}
	const stemmer = stemmers[language];
	// Stemmers know endings by their accents. A word with a number has no endings.
	return fold(stemmer && /^[\p{L}\p{M}]{3,}$/u.test(lower) ? stemmer(lower) || lower : lower);
}

function fold(word: string): string {
	if (/^[a-z0-9]*$/.test(word)) return word;
	return word
		.normalize("NFD")
		.replace(marks, "")
		.normalize("NFC")
		.replace(foldable, (letter) => folded[letter] ?? letter);
}
