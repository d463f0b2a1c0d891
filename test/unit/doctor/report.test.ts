import assert from "node:assert/strict";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { nearestNames, suited } from "../../../src/config/modelNames.ts";
import { withoutPerson } from "../../../src/doctor/output/redact.ts";
import { changes, counts, toMarkdown, toText, verdict } from "../../../src/doctor/output/text.ts";
import { type Finding, type Report, worstOf } from "../../../src/doctor/report.ts";

const finding = (id: string, status: Finding["status"], more: Partial<Finding> = {}): Finding => ({
	id,
	role: "chat",
	status,
	title: "Language model: key is accepted",
	seen: "The server refused the API key (HTTP 401).",
	fixes: [],
	duration: 12,
	...more,
});
const report = (findings: readonly Finding[]): Report => ({
	startedAt: Date.parse("2026-11-24T18:00:00Z"),
	duration: 1234,
	findings,
	families: { chat: "ollama" },
	endpoints: {},
	cancelled: false,
});

describe("The report of the Endpoint Doctor", () => {
	it("is as bad as its worst finding", () => {
		assert.equal(worstOf([]), "ok");
		assert.equal(worstOf([finding("a", "ok"), finding("b", "skipped")]), "ok");
		assert.equal(worstOf([finding("a", "warning"), finding("b", "ok")]), "warning");
		assert.equal(worstOf([finding("a", "warning"), finding("b", "failed")]), "failed");
	});

	it("says first what matters most, in words", () => {
		const all = [finding("a", "ok"), finding("b", "warning", { seen: "Slow." }), finding("c", "failed")];
		assert.equal(verdict(report(all)), "The server refused the API key (HTTP 401).");
		assert.equal(counts(all), "1 failed, 1 warning, 1 ok");
		assert.equal(verdict(report([finding("a", "ok")])), "Everything works.");
	});

	it("tells at a terminal what to do, by the names of variables", () => {
		const text = toText(
			report([
				finding("chat.auth", "failed", {
					cause: "The key is mistyped.",
					fixes: [
						{ kind: "enter-key", label: "Enter the key", variable: "LLM_API_KEY", origin: "http://a" },
						{ kind: "set", label: "Use x", changes: [{ variable: "LLM_CHOICE", value: "x" }] },
					],
				}),
			]),
		);
		assert.match(
			text,
			/failed +Key is accepted: The server refused.*\n +The key is mistyped\.\n +→ Enter the key: LLM_API_KEY=…\n +→ Use x: LLM_CHOICE=x/,
		);
	});

	it("is Markdown with the checklist before the evidence, whatever a server has said", () => {
		const text = toMarkdown(
			report([
				finding("chat.path", "ok", {
					title: "Language model: URL leads to an API",
					seen: "Fine.",
					evidence: ["GET http://a/v1/models: HTTP 200"],
				}),
				finding("chat.auth", "failed", { seen: "It said: “<script>*[x](y)*</script>”" }),
			]),
			undefined,
		);
		assert.match(text, /- \[x\] URL leads to an API: Fine\./);
		assert.match(text, /- \[ \] \*\*failed\*\* Key is accepted: It said: “\\<script\\>\\\*\\\[x\\\]\(y\)/);
		assert.ok(text.indexOf("## Language model") < text.indexOf("## Evidence"));
		assert.match(text, /Language model's server: Ollama/);
		assert.match(text, /chat\.path: GET http\\:\/\/a\/v1\/models: HTTP 200/);
	});

	it("keeps the home folder and the names of the user out of what is copied", () => {
		const { username } = userInfo();
		const text = toMarkdown(
			report([
				finding("storage.folder", "ok", {
					seen: `${join(homedir(), "memory")} of ${username}, and of Grace.`,
				}),
			]),
			"Grace",
		);
		assert.ok(!text.includes(homedir()));
		assert.match(text, /~[\\/]memory of \(user\), and of \(user\)\./);
		assert.equal(withoutPerson("gracefully", "grace"), "gracefully");
	});

	it("tells what a fix has changed", () => {
		const before = report([
			finding("chat.auth", "failed"),
			finding("chat.chat", "skipped", { title: "Language model: model answers" }),
		]);
		const now = report([
			finding("chat.auth", "ok"),
			finding("chat.chat", "ok", { title: "Language model: model answers" }),
		]);
		assert.deepEqual(changes(before, now), [
			"Language model: Key is accepted, failed → ok",
			"Language model: Model answers, skipped → ok",
		]);
	});
});

describe("Names that are most like another", () => {
	const names = [
		"llama3.1:8b",
		"qwen2.5-coder:7b",
		"qwen3:8b",
		"nomic-embed-text:latest",
		"bge-m3",
		"gpt-4o-mini",
	];
	const table: readonly (readonly [string, string | undefined])[] = [
		["qwen3-8b", "qwen3:8b"],
		["Qwen3:8B", "qwen3:8b"],
		["llama3.1", "llama3.1:8b"],
		["nomic-embed-text", "nomic-embed-text:latest"],
		["gpt4o-mini", "gpt-4o-mini"],
		["BAAI/bge-m3", "bge-m3"],
		["completely-different", undefined],
	];
	for (const [wanted, nearest] of table)
		it(`${wanted}: ${nearest ?? "none"}`, () => assert.equal(nearestNames(wanted, names)[0], nearest));

	it("are looked for among models that can do it", () => {
		assert.deepEqual(suited("embedding", names), ["nomic-embed-text:latest", "bge-m3"]);
		assert.ok(!suited("chat", names).includes("bge-m3"));
	});
});
