import assert from "node:assert/strict";
import type { HealthCheck } from "../../../src/doctor/health/healthCheck.ts";
import {
	refusedText,
	roleLine,
	statusBarText,
	trafficLine,
	unavailableText,
} from "../../../src/doctor/health/statusBarText.ts";
import type { MemoryStatus, ModelStatus } from "../../../src/memory/requests.ts";

const builtin = {
	description: "the built-in model on this machine",
	origin: "",
	state: "unused",
	space: undefined,
} as const;
const model = (more: Partial<ModelStatus> = {}): ModelStatus => ({
	description: "qwen3 at http://db-server.local:8009/v1",
	origin: "http://db-server.local:8009",
	state: "working",
	...more,
});
const status = (more: Partial<MemoryStatus> = {}): MemoryStatus => ({
	database: "/memory.db",
	userId: "ada",
	llm: undefined,
	embedding: builtin,
	counts: { all: 8, global: 8, project: 0 },
	pending: { embedding: 0, distillation: 0 },
	keptAsText: 0,
	outsideSpace: 0,
	heldBack: { saves: 0, origins: [] },
	distils: true,
	notices: [],
	remarks: [],
	...more,
});
const traffic = (at: number, ok: boolean, requests = 1, failures = ok ? 0 : 1) => ({
	requests,
	failures,
	latency: 230,
	last: { at, ok },
});
const check = (at: number, problem?: string): HealthCheck => ({ at, problem, duration: 12 });

describe("The text of the status bar", () => {
	const table: readonly (readonly [
		name: string,
		status: MemoryStatus,
		checks: { chat?: HealthCheck; embedding?: HealthCheck },
		checking: boolean,
		state: string,
		text: string,
	])[] = [
		["nothing configured", status(), {}, false, "local", "Mem0: 8"],
		["nothing configured, while checks are run", status(), {}, true, "local", "Mem0: 8"],
		[
			"the built-in model is broken",
			status({ embedding: { ...builtin, state: "failing", problem: "It failed twice." } }),
			{},
			false,
			"failing",
			"Mem0: 8, failing",
		],
		[
			"an endpoint that is being checked",
			status({ llm: model({ state: "unused" }) }),
			{},
			true,
			"checking",
			"Mem0: 8, checking",
		],
		[
			"an endpoint that nobody has asked",
			status({ llm: model({ state: "unused" }) }),
			{},
			false,
			"healthy",
			"Mem0: 8",
		],
		[
			"an endpoint that works",
			status({ llm: model({ traffic: traffic(1, true) }) }),
			{},
			false,
			"healthy",
			"Mem0: 8",
		],
		[
			"an endpoint that a check has found working",
			status({ llm: model({ state: "unused" }) }),
			{ chat: check(1) },
			false,
			"healthy",
			"Mem0: 8",
		],
		[
			"an endpoint that a check has found away",
			status({ llm: model({ state: "unused" }) }),
			{ chat: check(1, "Nothing listens.") },
			false,
			"failing",
			"Mem0: 8, failing",
		],
		[
			"an endpoint that works since a check found it away",
			status({ llm: model({ traffic: traffic(2, true) }) }),
			{ chat: check(1, "Nothing listens.") },
			false,
			"healthy",
			"Mem0: 8",
		],
		[
			"an endpoint that failed, with work that waits",
			status({
				llm: model({ state: "failing", problem: "Refused.", traffic: traffic(2, false) }),
				pending: { embedding: 0, distillation: 1 },
			}),
			{ chat: check(1) },
			false,
			"failing",
			"Mem0: 8, 1 pending, failing",
		],
		[
			"an endpoint that failed and answers again",
			status({ llm: model({ state: "failing", problem: "Refused.", traffic: traffic(1, false) }) }),
			{ chat: check(2) },
			false,
			"degraded",
			"Mem0: 8, degraded",
		],
		[
			"an endpoint that fails now and then",
			status({ llm: model({ traffic: traffic(1, true, 10, 2) }) }),
			{},
			false,
			"degraded",
			"Mem0: 8, degraded",
		],
		[
			"an endpoint that failed once in many",
			status({ llm: model({ traffic: traffic(1, true, 40, 1) }) }),
			{},
			false,
			"healthy",
			"Mem0: 8",
		],
		[
			"one role of two failing",
			status({
				llm: model(),
				embedding: { ...model({ state: "failing", problem: "No such model." }), space: undefined },
			}),
			{},
			false,
			"failing",
			"Mem0: 8, failing",
		],
	];
	for (const [name, given, checks, checking, state, text] of table) {
		it(`${name}: ${state}`, () => {
			const shown = statusBarText({ status: given, checks, checking });
			assert.deepEqual([shown.state, shown.text], [state, text]);
			if (state === "failing" || state === "degraded") {
				assert.ok(shown.problem, "says what is wrong");
				assert.ok(shown.label.includes(shown.problem), "says it to a screen reader, too");
			} else assert.equal(shown.problem, undefined);
		});
	}

	it("tells its states apart by icon and words, never by colour alone", () => {
		const icons = table.map(([, given, checks, checking]) =>
			statusBarText({ status: given, checks, checking }),
		);
		const byState = new Map(icons.map(({ state, icon, label }) => [state, `${icon} ${label.split(":")[0]}`]));
		assert.equal(new Set(byState.values()).size, byState.size);
		assert.equal(byState.size, 5);
		assert.match(unavailableText("The disk is full.").label, /unavailable: The disk is full/);
	});

	it("tells of each role how long its last answer took, and how often it failed", () => {
		assert.equal(
			roleLine(model({ traffic: traffic(1, true, 40, 2) }), undefined),
			"last answer in 230 ms, 2 of 40 requests failed in the last hour",
		);
		assert.equal(roleLine(model({ state: "unused" }), check(1)), "answers in 12 ms");
		assert.equal(roleLine(model({ state: "unused" }), undefined), "not asked yet");
	});

	it("names the team's server, which is never local, tells how its models do, and that it is away", () => {
		const teamServer = "https://memory.example.com/mcp";
		const textOf = (more: Partial<MemoryStatus> = {}) =>
			statusBarText({ status: status({ teamServer, ...more }), checks: {}, checking: false });
		const { state, text, label } = textOf();
		assert.deepEqual([state, text], ["healthy", "Mem0: 8, memory.example.com"]);
		assert.match(label, /healthy: 8 memories, memory\.example\.com\./);
		const failing = textOf({ llm: model({ state: "failing", problem: "No such model." }) });
		assert.deepEqual(
			[failing.text, failing.problem],
			["Mem0: 8, memory.example.com, failing", "No such model."],
		);
		const away = textOf({ away: { problem: "Nothing listens.", waiting: 0 } });
		assert.deepEqual(
			[away.text, away.problem],
			["Mem0: 8, memory.example.com, server away", "Nothing listens."],
		);
		assert.match(refusedText("It wants another.").label, /token needed: It wants another\./);
	});

	it("says that the team's database is away, and how much waits for it", () => {
		const textOf = (away: MemoryStatus["away"]) =>
			statusBarText({ status: status(away ? { away } : {}), checks: {}, checking: false });
		const shown = textOf({ problem: "The memory database team cannot be reached.", waiting: 2 });
		assert.deepEqual([shown.state, shown.text], ["away", "Mem0: 8, 2 to deliver, database away"]);
		assert.match(String(shown.problem), /2 changes wait for the team's memory.*cannot be reached/);
		const back = textOf({ waiting: 1 });
		assert.equal(back.text, "Mem0: 8, 1 to deliver");
		assert.match(String(back.problem), /1 change waits for the team's memory/);
		const fine = textOf({ waiting: 0 });
		assert.deepEqual([fine.text, fine.problem], ["Mem0: 8", undefined]);
	});
});

describe("The traffic in the tooltip", () => {
	const row = {
		role: "chat",
		host: "gpu1:8000",
		requests: 1200,
		errors: 0,
		inputTokens: 0,
		outputTokens: 0,
	} as const;

	it("names the busiest hosts, with errors, tokens and latency", () => {
		const rows = [
			{ ...row, role: "embedding", host: "built in", requests: 7, latency: 3 } as const,
			{ ...row, errors: 2, inputTokens: 40_000, outputTokens: 8000, latency: 1310 },
		];
		assert.equal(
			trafficLine(rows),
			"1,200 to gpu1:8000 (facts, 2 failed, 48,000 tokens, 1,310 ms on average); 7 to the built-in model (embeddings, 3 ms on average)",
		);
	});

	it("stays short", () => {
		const rows = Array.from({ length: 50 }, (_, index) => ({ ...row, host: `gpu${index}:8000` }));
		assert.equal(trafficLine(rows).split(";").length, 4);
	});
});

describe("A server that is left out", () => {
	it("makes its role degraded, and is named", () => {
		const leftOut = [{ url: "http://gpu2:8000/v1", problem: "It refused the API key." }];
		const { state, problem } = statusBarText({
			status: status({ llm: model({ leftOut }) }),
			checks: { chat: check(Date.now()) },
			checking: false,
		});
		assert.equal(state, "degraded");
		assert.equal(problem, "http://gpu2:8000/v1 gets no requests for now: It refused the API key.");
	});
});
