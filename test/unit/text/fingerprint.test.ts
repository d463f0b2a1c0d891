import assert from "node:assert/strict";
import { fingerprint } from "../../../src/text/fingerprint.ts";

type Pair = readonly [what: string, one: string, other: string];

describe("The fingerprint of a text", () => {
	const same: readonly Pair[] = [
		["case", "The user prefers Tabs", "the user PREFERS tabs"],
		["capitals throughout", "THE USER HAS A DOG", "The user has a dog"],
		["the case of a name", "Deploys JavaScript to GitHub", "deploys javascript to github"],
		["a full stop", "Prefers tabs.", "Prefers tabs"],
		["an exclamation mark", "Prefers tabs!", "Prefers tabs"],
		["quotation marks", 'Prefers "tabs"', "Prefers “tabs”"],
		["commas and colons", "Editor: vim, always", "editor vim always"],
		["brackets", "Bob (manager)", "Bob, manager"],
		["a hyphen between words", "Prefers dark-mode", "prefers dark mode"],
		["backticks", "Runs `make` first", "Runs make first"],
		["spaces and line ends", "  Prefers\ttabs\nover  spaces ", "Prefers tabs over spaces"],
		["articles", "The user has a dog", "User has dog"],
		["an article before a vowel", "Eats an apple", "eats the apple"],
		["do not", "I don't like it", "I do not like it"],
		["a typographic apostrophe", "I don’t like it", "I don't like it"],
		["cannot", "I can't go", "I cannot go"],
		["can not", "I can't go", "I can not go"],
		["will not", "He won't go", "He will not go"],
		["it is", "It's blue", "It is blue"],
		["I am", "I'm Ada", "I am Ada"],
		["we will", "We'll deploy on Friday", "We will deploy on Friday"],
		["they have", "They've two cats", "They have two cats"],
		["colour", "The favourite colour is blue", "The favorite color is blue"],
		["organise", "We organised the neighbourhood", "We organized the neighborhood"],
		["likes", "User likes vim", "User like vim"],
		["uses and prefers", "They use vim and prefer tabs", "they uses vim and prefers tabs"],
		[
			"has and does not",
			"The team has no tests and does not want any",
			"The team have no tests and do not want any",
		],
		["remember that", "Remember that I use vim", "I use vim"],
		["please remember", "Please remember: I use vim", "I use vim"],
		["note that", "Note that the port is 80", "The port is 80"],
		["also", "I also use vim", "I use vim"],
		["OK", "OK, I use vim", "I use vim"],
		["a space before a sign", "Up 20 %", "Up 20%"],
		["kinds of minus", "Offset −5", "Offset -5"],
		["kinds of dash", "Open 9–5", "Open 9-5"],
		["full-width letters", "Uses ｖｉｍ", "Uses vim"],
		["spaces in Chinese", "我 喜欢 猫", "我喜欢猫"],
		["spaces between Chinese and Latin words", "我们用Docker部署", "我们用 docker 部署"],
	];
	for (const [what, one, other] of same) {
		it(`is the same whatever ${what}: ${JSON.stringify(one)}, ${JSON.stringify(other)}`, () => {
			assert.equal(fingerprint(one), fingerprint(other));
		});
	}

	const different: readonly Pair[] = [
		["negation", "I like it", "I do not like it"],
		["contracted negation", "He can go", "He can't go"],
		["negation by no", "The user has a dog", "The user has no dog"],
		["negation by never", "We deploy on Friday", "We never deploy on Friday"],
		["a prefix that negates", "Telemetry is enabled", "Telemetry is disabled"],
		["un-", "He is able to come", "He is unable to come"],
		["numbers", "Port 8080", "Port 8081"],
		["singular and plural", "The user has a cat", "The user has cats"],
		["names", "Maria is the lead", "Marta is the lead"],
		["names by an s", "Andrea is the lead", "Andreas is the lead"],
		["names by an e", "His wife is Ann", "His wife is Anne"],
		["names by a diacritic", "Andre is the lead", "André is the lead"],
		["names at the end by an s", "The lead is Luca", "The lead is Lucas"],
		["a letter as a name", "Team A wins", "Team wins"],
		["a letter as a name at the end", "Takes vitamin A", "Takes vitamin"],
		["order", "Prefers tabs over spaces", "Prefers spaces over tabs"],
		["order of names with signs", "Prefers C over C++", "Prefers C++ over C"],
		["order of signed numbers", "From -5 to 5", "From 5 to -5"],
		["C and C++", "Writes C", "Writes C++"],
		["C and C#", "Writes C", "Writes C#"],
		["versions", "Uses v1.2", "Uses v12"],
		["decimal point", "Costs 1.5", "Costs 15"],
		["decimal point and comma", "Costs 1.5", "Costs 1,5"],
		["tense of be", "The server is down", "The server was down"],
		["tense by -ed", "He lives in Paris", "He lived in Paris"],
		["tense of use", "The team uses node", "The team used node"],
		["will and would", "I will go", "I would go"],
		["sign of a number", "Offset -5", "Offset 5"],
		["percent", "Up 20 %", "Up 20"],
		["currency", "Costs $5", "Costs €5"],
		["currency behind", "Costs 5 €", "Costs 5"],
		["degrees", "It is 10°", "It is 10"],
		["exponents", "It is 10²", "It is 102"],
		["ranges", "From 5 - 7", "From 5 7"],
		["comparison", "a < b", "a > b"],
		["comparison with equality", "x ≥ 5", "x ≤ 5"],
		["inequality", "x != 5", "x = 5"],
		["path and property", "Use a/b", "Use a.b"],
		["folders by an s", "Tests are in test/", "Tests are in tests/"],
		["hidden files", "Ignore .env", "Ignore env"],
		["snake case", "Set user_id", "Set user id"],
		["options", "Run it with -f", "Run it with f"],
		["words with one stem: general", "Wants a general answer", "Wants a generic answer"],
		["words with one stem: past", "Never past this", "Never paste this"],
		["words with one stem: university", "Studies the university", "Studies the universe"],
		["words with one stem: important", "The import is slow", "The important is slow"],
		["its and it's", "Its colour", "It's colour"],
		["emoji", "Likes 🍕", "Likes 🍔"],
		["flags", "Moved to 🇫🇷", "Moved to 🇩🇪"],
		["German umlauts", "Es ist schon da", "Es ist schön da"],
		["Vietnamese tones", "bán", "bạn"],
		["Chinese negation", "我喜欢猫", "我不喜欢猫"],
		["Japanese order", "日本", "本日"],
		["an opening that is part of a name", "Well-tested code", "Tested code"],
		["texts of signs only", "?", "!"],
		["texts of emoji only", "🙂", "🙃"],
		["texts of weightless words only", "please", "just"],
	];
	for (const [what, one, other] of different) {
		it(`tells apart by ${what}: ${JSON.stringify(one)}, ${JSON.stringify(other)}`, () => {
			assert.notEqual(fingerprint(one), fingerprint(other));
		});
	}

	for (const piece of ["word ", "-", "a ", "A ", "'s ", "n't ", "ok, ", ".", "#", "   ", "9 "]) {
		it(`does not take long for the longest text of ${JSON.stringify(piece)}`, () => {
			const start = performance.now();
			fingerprint(`${piece.repeat(Math.floor(32_000 / piece.length))}x`);
			assert.ok(performance.now() - start < 1000, `${performance.now() - start} ms`);
		});
	}
});
