import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
	inHtml,
	inJson,
	inLabel,
	inLog,
	inMarkdown,
	inNotification,
	inShell,
	markdown,
	markdownOf,
	oneLine,
	plain,
} from "../../../src/text/inert.ts";

/** As in VS Code: `linkedText.ts`, whose links are clicked in notifications and input boxes. */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
/** As in VS Code: `iconLabels.ts`, and the looser ones of lists and screen readers. */
const icon = /\$\([\w~-]*\)/;
const invisible = /(?!\ufe0f)[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]/;

const hostile: Readonly<Record<string, string>> = {
	"a command link": "[Fix it](command:workbench.action.terminal.sendSequence?%7B%7D)",
	"a link with a title": '[a](https://evil.example "title")',
	"a link in capitals": "[a](COMMAND:foo) [b](HTTPS://evil.example) [c](File:///etc/passwd)",
	"a link across a line": "[a\nb](command:foo)",
	"a link whose parts are kept apart by what is removed": "[a]\u200b(command:foo) [a]\x00(command:foo)",
	"a link in pieces of an escape sequence": "[a]\x1b[0m(command:foo)",
	"an icon": "$(error) and $(sync~spin), \\$(bug), $\u2060(bug), $\x1b[1m(bug)",
	"an image": "![x](https://evil.example/x.png)",
	"a reference": "[x][1]\n\n[1]: https://evil.example",
	"plain URLs":
		"https://evil.example www.evil.example _www.evil.example <https://evil.example> a@evil.example",
	mentions: "@octocat, #1, owner/repo#2, GH-3, :tada:",
	HTML: '<img src=x onerror="alert(1)"><a href="command:foo">x</a><!-- &lt;b&gt; -->',
	Markdown: "# h\n* a\n- b\n1. c\n> d\n```\ncode\n``` **b** _i_ ~~s~~ | t | $x$",
	"a heading of one line": "# h",
	"a list": "1. a",
	colours: "\x1b[31mred\x1b[0m \x9b1mbold\x9b0m",
	"a title of the terminal": "\x1b]0;owned\x07x\x9d0;owned\x9cx",
	"a link of the terminal": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
	"the clipboard": "\x1b]52;c;ZXZpbA==\x07",
	"a sequence without an end": "a\x1b]8;;https://evil.example and more text",
	"a device string": "\x1bP1$r0m\x1b\\x\x1b_apc\x1b\\\x1b^pm\x1b\\",
	"a line that overwrites another": "harmless\rrm -rf /\x08\x08\x7f",
	"reversed text": "\u202egnp.exe\u2066 \u200f\u061c",
	"hidden text": "pay\u200bpal\u2060\ufeff\u00ad\u{e0041}\u{e0042}\u3164\u200d",
	"other line ends": "a\u2028b\u2029c\x85d\r\ne",
	"half a character": "\ud800 and \udc00",
	"a long text": `${"long ".repeat(50_000)}[a](command:foo)`,
};

describe("Foreign text", () => {
	for (const [what, text] of Object.entries(hostile)) {
		it(`does nothing in a terminal or a log: ${what}`, () => {
			for (const shown of [plain(text), inLog(text), oneLine(text)]) {
				assert.doesNotMatch(shown, control);
				assert.doesNotMatch(shown, invisible);
				assert.ok(shown.isWellFormed());
			}
			assert.doesNotMatch(inLog(text), /\n(?! {2})/);
			assert.doesNotMatch(oneLine(text), /\n/);
		});

		it(`does nothing in a notification: ${what}`, () => {
			const shown = inNotification(text);
			// VS Code makes spaces of line ends and cuts long messages before it looks for links.
			assert.doesNotMatch(shown.replace(/\r\n|\n|\r/g, " ").slice(0, 1000), link);
			assert.doesNotMatch(shown, invisible, "what is copied from it is what it says");
			assert.ok(shown.length <= 1000);
		});

		it(`does nothing in a label: ${what}`, () => {
			const shown = inLabel(text);
			assert.doesNotMatch(shown, icon);
			assert.doesNotMatch(shown, link);
			assert.equal(inLabel(shown), shown);
		});

		it(`does nothing in Markdown: ${what}`, () => {
			const shown = inMarkdown(text);
			const unescaped = shown.replace(/\\[!-/:-@[-`{-~]/g, "");
			assert.doesNotMatch(
				unescaped,
				/[*_`<>[\]#~|&]|:\/\/|www\.|^\d+[.)]|^[-+=]|\n/,
				"every sign is escaped",
			);
			const rendered = shown.replace(/\\([!-/:-@[-`{-~])/g, "$1");
			assert.doesNotMatch(rendered, icon);
			assert.doesNotMatch(rendered, /@\w|#\d|GH-\d|:\w+:/);
			assert.equal(rendered.replaceAll("\u2060", ""), oneLine(text), "it says the same");
		});

		it(`does nothing in HTML: ${what}`, () => {
			assert.doesNotMatch(inHtml(text), /[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
			assert.doesNotMatch(inHtml(text), control);
		});

		it(`is the same in JSON, without acting on a terminal: ${what}`, () => {
			assert.equal(JSON.parse(inJson(text)), text);
			assert.doesNotMatch(inJson(text), control);
			assert.doesNotMatch(inJson(text), invisible);
		});
	}

	it("stays as it is where it is harmless", () => {
		const texts = [
			"We deploy with `make ship`; a[0](x) is (not) a link, $PATH neither.",
			"naïve café, Ελλάδα, 東京, שלום",
			"می‌خواهم",
			"👨‍👩‍👧 ❤️ 👍🏽",
			"a\tb\nc",
		];
		for (const text of texts) assert.equal(plain(text), text);
		for (const text of texts.slice(0, 4)) assert.equal(inNotification(text), text);
	});

	it("says that it was cut, and never cuts a character in two", () => {
		assert.equal(oneLine("abcdef", 3), "abc…");
		assert.equal(oneLine("abc", 3), "abc");
		assert.equal(oneLine("ab😀d", 3), "ab…");
	});

	it("is escaped in Markdown of our own, which is not", () => {
		assert.equal(markdown`**${"a*b"}**: ${2}`, "**a\\*b**: 2");
		assert.equal(markdownOf("{1} in **{0}**", "a*b", 2), "2 in **a\\*b**");
		assert.equal(markdownOf("{0} {1}", "{1}", "x"), "{1} x");
	});
});

describe("A path in a command to copy", () => {
	const paths = [
		"/home/a/memory.db",
		"/home/a b/memory.db",
		"/home/$(touch x)/`id`/$HOME/m.db",
		'/home/it\'s/"quoted"/m.db',
		"/home/a;b&c|d>e*?[f]/~!#.db",
		"-rf",
		"~/x",
		"",
	];
	for (const path of paths)
		it(`is one argument of sh: ${path}`, function () {
			if (process.platform === "win32") this.skip();
			const said = execFileSync("sh", ["-c", `printf %s ${inShell(path, "linux")}`], { encoding: "utf8" });
			assert.equal(said, path);
		});

	it("is left alone where it is plain, and quoted for PowerShell on Windows", () => {
		assert.equal(inShell("/home/a/memory.db", "linux"), "/home/a/memory.db");
		assert.equal(inShell("C:\\Users\\a\\memory.db", "win32"), "C:\\Users\\a\\memory.db");
		assert.equal(inShell("C:\\a b\\$(calc)\\`x", "win32"), "'C:\\a b\\$(calc)\\`x'");
		assert.equal(inShell("C:\\it's\\’x", "win32"), "'C:\\it''s\\’’x'");
		assert.equal(inShell("a,b", "win32"), "'a,b'");
	});
});
