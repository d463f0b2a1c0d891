import assert from "node:assert/strict";
import { foundTexts, serviceFixture } from "../../support/fixtures/serviceFixture.ts";

/** The built-in model reads none of them: what is found here is found by its words. */
const languages: readonly (readonly [
	name: string,
	texts: readonly string[],
	asked: readonly (readonly [query: string, answer: number])[],
])[] = [
	[
		"Chinese",
		["数据库在五四三三端口上运行", "我们每个星期五发布新版本", "小明喜欢喝绿茶", "会议室在三楼"],
		[
			["数据库的端口是什么", 0],
			["什么时候发布新版本", 1],
			["绿茶", 2],
		],
	],
	[
		"Japanese",
		[
			"データベースは大阪のサーバーにあります",
			"毎週金曜日にリリースします",
			"田中さんは猫が好きです",
			"会議は三階で行います",
		],
		[
			["データベースはどこ", 0],
			["リリースはいつ", 1],
			["猫が好きな人", 2],
		],
	],
	[
		"Thai",
		["ฐานข้อมูลอยู่ที่เซิร์ฟเวอร์ในกรุงเทพ", "เราออกเวอร์ชันใหม่ทุกวันศุกร์", "สมชายชอบดื่มกาแฟเย็น", "ห้องประชุมอยู่ชั้นสาม"],
		[
			["ฐานข้อมูลอยู่ที่ไหน", 0],
			["ออกเวอร์ชันใหม่วันไหน", 1],
			["กาแฟ", 2],
		],
	],
];

/** Texts, and questions that have their words in other forms. */
const forms: typeof languages = [
	[
		"German",
		[
			"Die Häuser an der Straße sind groß",
			"Die Datenbank läuft auf einem eigenen Server",
			"Wir testen mit Vitest",
		],
		[
			["Wie ist das Haus in der STRASSE?", 0],
			["Auf welchen Servern laufen die Datenbanken?", 1],
			["Was testen wir?", 2],
		],
	],
	[
		"Russian",
		["Сервер базы данных стоит в Москве", "Мы выпускаем версии по пятницам", "Анна любит читать книги"],
		[
			["Где серверы баз данных?", 0],
			["Когда выпускается версия?", 1],
			["Какую книгу читает Анна?", 2],
		],
	],
	[
		"Turkish",
		["Sunucu İstanbul'da bulunuyor", "Kitaplar çalışma odasında duruyor", "Toplantı salı günü yapılıyor"],
		[
			["istanbul sunucusu", 0],
			["kitap nerede", 1],
			["toplantı ne zaman", 2],
		],
	],
	[
		"Vietnamese",
		["Cơ sở dữ liệu chạy ở Đà Nẵng", "Chúng tôi phát hành vào thứ sáu", "Lan thích uống cà phê"],
		[
			["co so du lieu", 0],
			["phát hành khi nào", 1],
			["ca phe", 2],
		],
	],
	[
		"Arabic",
		["قاعدة البيانات تعمل على خادم في القاهرة", "نُصدر النسخة الجديدة يوم الخميس", "أحمد يحب القهوة"],
		[
			["اين قاعدة بيانات", 0],
			["متى نسخة جديدة", 1],
			["قهوه احمد", 2],
		],
	],
	[
		"Hindi",
		["डेटाबेस मुंबई के सर्वर पर चलता है", "हम शुक्रवार को नया संस्करण निकालते हैं", "राम को किताबें पसंद हैं"],
		[
			["डेटाबेस का सर्वर", 0],
			["नया संस्करण कब", 1],
			["किताब", 2],
		],
	],
	[
		"Korean",
		["데이터베이스는 서울 서버에 있습니다", "매주 금요일에 릴리스합니다", "회의실은 삼층입니다"],
		[
			["데이터베이스 서버", 0],
			["릴리스 요일", 1],
			["회의실", 2],
		],
	],
	[
		"Chinese with English names",
		[
			"部署脚本使用 make ship 命令",
			"数据库是 PostgreSQL 15，端口五四三三",
			"前端用 React 和 TypeScript 编写",
		],
		[
			["怎么部署", 0],
			["postgresql 版本", 1],
			["前端框架是什么", 2],
		],
	],
];

describe("Words in other forms", () => {
	const memory = serviceFixture();
	for (const [name, texts, asked] of forms) {
		it(`are found: ${name}`, async () => {
			for (const text of texts) await memory.service.save({ text });
			for (const [query, expected] of asked)
				assert.equal((await foundTexts(memory, query))[0], texts[expected], query);
		});
	}
});

describe("Languages without spaces", () => {
	const memory = serviceFixture();
	for (const [name, texts, asked] of languages) {
		it(`are found by keyword: ${name}`, async () => {
			for (const text of texts) await memory.service.save({ text });
			for (const [query, expected] of asked)
				assert.equal((await foundTexts(memory, query))[0], texts[expected], query);
		});
	}
});

describe("What came with a memory", () => {
	const memory = serviceFixture();

	it("finds it: short values of its metadata, and its project's name", async () => {
		const project = { id: "example.com/team/zeppelin", name: "zeppelin" };
		await memory.service.save({
			text: "The port is 5433",
			metadata: { speaker: "Griselda", tags: ["walnut"] },
		});
		await memory.service.save({ text: "Reviews come first", scope: "project", project });
		assert.deepEqual(await foundTexts(memory, "Griselda"), ["The port is 5433"]);
		assert.deepEqual(await foundTexts(memory, "walnut"), ["The port is 5433"]);
		assert.deepEqual(await foundTexts(memory, "zeppelin", { project }), ["Reviews come first"]);
	});

	it("still finds it after a change, a deletion and a restoration", async () => {
		const saved = await memory.service.save({ text: "The port is 5433", metadata: { speaker: "Griselda" } });
		const id = saved.memories[0]?.id;
		await memory.service.update(id, "The port is 5434");
		assert.deepEqual(await foundTexts(memory, "Griselda"), ["The port is 5434"]);
		await memory.service.delete(id);
		assert.deepEqual(await foundTexts(memory, "Griselda"), []);
		await memory.service.restore(id);
		assert.deepEqual(await foundTexts(memory, "Griselda"), ["The port is 5434"]);
	});

	it("finds it by the words beside it in its conversation", async () => {
		const conversationId = "talk";
		const talk = [
			"How shall we name the new kubernetes cluster?",
			"Andromeda sounds good to me",
			"The coffee machine is broken again",
		];
		for (const text of talk) await memory.service.save({ text, conversationId });
		await memory.service.save({ text: "Perseus sounds good to me" });
		const found = await foundTexts(memory, "What is the name of the kubernetes cluster?", { limit: 2 });
		assert.deepEqual(found, talk.slice(0, 2));
	});
});
