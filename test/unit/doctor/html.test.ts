import assert from "node:assert/strict";
import { toHtml } from "../../../src/doctor/output/html.ts";
import type { Finding, FindingRole, Fix, Report } from "../../../src/doctor/report.ts";
import { affectedRoles, merged } from "../../../src/doctor/rerun.ts";
import { inSettings } from "../../../src/settings/settingNames.ts";

const finding = (id: string, status: Finding["status"], more: Partial<Finding> = {}): Finding => ({
	id,
	role: id.split(".")[0] as FindingRole,
	status,
	title: "Language model: model is there",
	seen: "The server has no such model.",
	fixes: [],
	duration: 1,
	...more,
});
const report = (findings: readonly Finding[]): Report => ({
	startedAt: 0,
	duration: 10,
	findings,
	families: {},
	endpoints: {},
	cancelled: false,
});
const useModel: Fix = { kind: "set", label: "Use a<b", changes: [{ variable: "LLM_CHOICE", value: "a<b" }] };

describe("The report as a page", () => {
	const page = toHtml(
		report([
			finding("configuration.valid", "ok", {
				role: "configuration",
				title: "Settings are valid",
				seen: "Fine.",
			}),
			finding("chat.models", "failed", {
				seen: 'It said: “<img src=x onerror=alert(1)> & "more"”. Check LLM_CHOICE.',
				cause: "LLM_CHOICE is misspelt.",
				fixes: [useModel, { kind: "advice", label: "ollama pull a" }],
				evidence: ["GET http://a/v1/models: HTTP 200, “<b>”"],
			}),
			finding("chat.chat", "skipped", { title: "Language model: model answers", seen: "Not checked." }),
			finding("chat.json", "skipped", {
				title: "Language model: model answers in JSON",
				seen: "Not checked.",
			}),
		]),
		{ worded: inSettings, changes: ["Language model: Key is accepted, failed → ok"], nonce: "n0nce" },
	);

	it("runs no script, loads nothing, and allows its one style sheet only", () => {
		assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'nonce-n0nce'"/);
		assert.doesNotMatch(page, /<script|<img|<[^>]*\s(on\w+|src)=|url\(/);
	});

	it("shows what a server has said as it is", () => {
		assert.ok(page.includes("“&lt;img src=x onerror=alert(1)&gt; &amp; &quot;more&quot;”"));
	});

	it("names settings, not variables", () => {
		assert.ok(page.includes("mcpMem0.llm.model is misspelt."));
		assert.doesNotMatch(page, /LLM_CHOICE(?!%22)/);
	});

	it("links fixes to a command by their place in the report, and says advice", () => {
		const href = `command:mcpMem0.applyFix?${encodeURIComponent('["chat.models",0]')}`;
		assert.ok(page.includes(`href="${href}" title="Use a&lt;b">Use a&lt;b</a>`));
		assert.match(page, /<span class="advice">ollama pull a<\/span>/);
	});

	it("says in words what its colours say, and what is not checked in one line", () => {
		assert.match(page, /<span class="status">failed<\/span>/);
		assert.match(page, /Model answers; Model answers in JSON<\/span> <span class="status">skipped/);
	});

	it("tells at its top what to do, and what has changed", () => {
		const top = page.slice(0, page.indexOf("<h2>Settings"));
		assert.ok(top.includes("mcpMem0.llm.model is misspelt."));
		assert.ok(top.includes("Key is accepted, failed → ok"));
	});
});

describe("After a fix", () => {
	const role = (fix: Fix, of: FindingRole) => affectedRoles(fix, { role: of });
	const set = (variable: "LLM_CHOICE" | "EMBEDDING_MODEL_DIMS" | "MEMORY_DIR"): Fix => ({
		kind: "set",
		label: "",
		changes: [{ variable, value: "x" }],
	});

	it("what it affects is checked again", () => {
		assert.deepEqual(role(set("LLM_CHOICE"), "chat"), ["configuration", "chat", "embedding"]);
		assert.deepEqual(role(set("EMBEDDING_MODEL_DIMS"), "embedding"), ["configuration", "embedding"]);
		assert.deepEqual(role(set("MEMORY_DIR"), "storage"), ["configuration", "storage"]);
		assert.deepEqual(role({ kind: "reembed", label: "" }, "storage"), ["embedding", "storage"]);
		assert.deepEqual(role({ kind: "advice", label: "" }, "mcp"), ["mcp"]);
		const token = {
			kind: "enter-key",
			label: "",
			variable: "TEAM_SERVER_TOKEN",
			origin: "https://a.b",
		} as const;
		assert.deepEqual(role(token, "storage"), ["configuration", "chat", "embedding", "storage"]);
	});

	it("the report keeps what was not checked again, in the order of the checks", () => {
		const before = report([
			finding("configuration.valid", "ok", { role: "configuration" }),
			finding("chat.models", "failed"),
			finding("storage.folder", "ok", { role: "storage" }),
		]);
		const now = report([finding("chat.models", "ok")]);
		assert.deepEqual(
			merged(before, now, ["chat"]).findings.map(({ id, status }) => `${id} ${status}`),
			["configuration.valid ok", "chat.models ok", "storage.folder ok"],
		);
	});
});
