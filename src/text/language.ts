/** Languages whose words a stemmer of ours knows, by ISO 639-1; `en` is also what nothing else is known of. */
export type Language =
	| "ar"
	| "da"
	| "de"
	| "el"
	| "en"
	| "es"
	| "fi"
	| "fr"
	| "hi"
	| "hu"
	| "it"
	| "nl"
	| "no"
	| "pt"
	| "ro"
	| "ru"
	| "sv"
	| "ta"
	| "tr"
	| "uk"
	| "vi";

/** Scripts of one language, as far as memories are concerned. */
const scripts: readonly (readonly [RegExp, Language])[] = [
	[/[іїєґ]/iu, "uk"],
	[/\p{Script=Cyrillic}/u, "ru"],
	[/\p{Script=Arabic}/u, "ar"],
	[/\p{Script=Devanagari}/u, "hi"],
	[/\p{Script=Greek}/u, "el"],
	[/\p{Script=Tamil}/u, "ta"],
];

/** The commonest words of each language that is written with Latin letters, without those that are English words, too. */
const commonWords: Readonly<Partial<Record<Language, string>>> = {
	en: `the of and to is in that it for you was with as have are this not be on at by from or we what how
		which when where who why do does did my your our their its there can will would should has had been an
		i he she they if but`,
	de: `der das und ist nicht ein eine einen einem einer eines dem mit von zu für auf wie wir sich im auch
		es sind wird werden wurde wo wer warum welche welcher welches oder aber dass haben hat bei nach aus
		vom zum zur ich unser unsere kann über viele`,
	es: `el la los las de del que y en un una es con por para como cómo qué cuál cuáles quién dónde cuándo
		cuántos cuántas se su sus al lo más pero son fue ser está hay este esta nuestro nuestra usamos puedo
		sobre según`,
	fr: `le la les du de un une et est que qui dans en pour pas sur avec ce cette sont nous vous il elle au
		aux par plus ou où quel quelle quels quelles comment pourquoi quand notre nos était être`,
	it: `il lo la gli le di del della dei che è un una con non si come sono da dal nel nella più chi dove
		quando perché quale quali quanti quanto nostro nostra viene questo questa abbiamo`,
	pt: `um uma de da dos das que é em na nos nas para por com não se como mais são foi ser está qual quais
		quem onde quando quantos nosso nossa usamos você ao pelo pela`,
	nl: `de het een en dat niet op te zijn voor met wordt worden bij ook naar hoe wat waar wie welke waarom
		wanneer wij ons onze deze dit werd heeft hebben kan uit`,
	sv: `och att det som är en ett av för på med inte har till om var hur vad vem vilken vilka när varför
		vi oss kan från eller blev sina`,
	da: `og det som er en et af for på med ikke har til om var hvordan hvad hvem hvilken hvilke hvornår
		hvorfor vi kan fra eller blev bliver`,
	no: `og det som er en et av for på med ikke har til om var hvordan hva hvem hvilken hvilke når hvorfor
		vi oss kan fra eller ble blir`,
	fi: `ja ei että se oli hän mutta ovat kun niin mitä miten missä milloin miksi kuka mikä joka myös tai
		ole`,
	hu: `az és hogy nem egy volt meg hogyan mikor hol ki miért mely melyik vagy de ezt azt`,
	ro: `și în la de cu pe este nu un care din pentru sunt ce cum unde când cine mai sau fost al ale lui`,
	tr: `ve bir bu için ile da de ne nasıl nerede kim hangi neden olarak olan çok en daha gibi mı kaç var
		biz değil nedir sonra kadar`,
	vi: `và của là có được các những một cho trong không người với này đã để từ khi nào gì ai đâu như thế
		chúng tôi ở bao nhiêu theo về`,
};

export function commonWordsOf(language: Language): readonly string[] {
	return commonWords[language]?.split(/\s+/) ?? [];
}

const languagesOf = new Map<string, Language[]>();
for (const language of Object.keys(commonWords) as Language[])
	for (const word of commonWordsOf(language))
		languagesOf.set(word, [...(languagesOf.get(word) ?? []), language]);

/** Letters of one language, as far as memories are concerned. */
const ownLetters: readonly (readonly [RegExp, Language])[] = [
	[/[ığş]|i̇/u, "tr"],
	[/[ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/u, "vi"],
	[/ß/u, "de"],
	[/[őű]/u, "hu"],
];
const ascii = /^[a-z0-9']*$/;

/** A text is taken for English unless another language has this many times its common words. */
const clearly = 1.5;

/** The commonest words of a language are at least this share of a text in it; more than a third in most. */
const leastShare = 0.12;

/** So many words tell a text's language. */
const enough = 200;

const nothing: readonly Language[] = [];

/** The languages of which a word in Latin letters is a common one, or has letters that others lack. */
export function languagesOfWord(word: string): readonly Language[] {
	const lower = word.toLowerCase();
	const found = languagesOf.get(lower);
	if (found || ascii.test(lower)) return found ?? nothing;
	return ownLetters.filter(([letters]) => letters.test(lower)).map(([, language]) => language);
}

/**
 * The language of a text; English where nothing tells.
 * @param told `languagesOfWord` of each of its words.
 */
export function likeliestLanguage(told: readonly (readonly Language[])[]): Language {
	let english = 0;
	const others = new Map<Language, number>();
	for (const languages of told)
		for (const language of languages) {
			if (language === "en") english += 1;
			else others.set(language, (others.get(language) ?? 0) + 1);
		}
	let best: Language = "en";
	let most = Math.max(clearly * english, leastShare * told.length);
	for (const [language, count] of others)
		if (count > most || (count === most && best === "en")) {
			best = language;
			most = count;
		}
	return best;
}

/** The language of a text's words in Latin letters. */
export function latinLanguage(text: string): Language {
	return likeliestLanguage((text.match(/[\p{L}\p{M}]+/gu) ?? []).slice(0, enough).map(languagesOfWord));
}

/** The language of a word in other letters; undefined for Latin ones and scripts of which we know nothing. */
export function languageOfScript(word: string): Language | undefined {
	return scripts.find(([script]) => script.test(word))?.[1];
}

/** Whether a text is English, or nothing tells otherwise. */
export function isEnglish(text: string): boolean {
	const letters = text.match(/\p{L}/gu)?.length ?? 0;
	const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
	return latin * 2 >= letters && latinLanguage(text) === "en";
}
