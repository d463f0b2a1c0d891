import assert from "node:assert/strict";
import { isEnglish, latinLanguage } from "../../../src/text/language.ts";

const texts: readonly (readonly [text: string, language: string])[] = [
	["Where does the server run?", "en"],
	["PostgreSQL 16 on port 5433", "en"],
	["make ship", "en"],
	["Wo läuft der Server?", "de"],
	["Das Backend ist in Go geschrieben", "de"],
	["¿Dónde está el servidor?", "es"],
	["Où est le serveur ?", "fr"],
	["Onde está o servidor que usamos?", "pt"],
	["Dove si trova il server?", "it"],
	["Waar draait de server van het bedrijf?", "nl"],
	["Sunucu nerede ve hangi port için?", "tr"],
	["Máy chủ của chúng tôi ở đâu?", "vi"],
	["Var är servern och vem äger den?", "sv"],
];

describe("The language of a text", () => {
	for (const [text, language] of texts)
		it(`is told by its commonest words: ${text}`, () => {
			assert.equal(latinLanguage(text), language);
			assert.equal(isEnglish(text), language === "en");
		});

	it("is not English in other scripts, unless most of it is", () => {
		assert.equal(isEnglish("Сервер в Москве"), false);
		assert.equal(isEnglish("数据库在哪里"), false);
		assert.equal(isEnglish("Deploy with make ship (部署)"), true);
	});
});
