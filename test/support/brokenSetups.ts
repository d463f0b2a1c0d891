import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { inSettings } from "../../src/config/settingNames.ts";
import type { Environment } from "../../src/config/variables.ts";
import { type ExamineOptions, examine } from "../../src/doctor/doctor.ts";
import { toHtml } from "../../src/doctor/html.ts";
import { toMarkdown, toText } from "../../src/doctor/render.ts";
import { type Finding, type Fix, type Report, worstOf } from "../../src/doctor/report.ts";
import type { Certificate } from "./certificate.ts";
import { OpenAiServer, type OpenAiServerOptions } from "./openaiServer.ts";

/** Planted in every set-up; found in no report. */
export const secret = "sk-planted-4711-do-not-tell";

/** The same, within a header. */
export const headerSecret = "team-token-planted-0815";

/** What a test makes its set-up with; everything is closed behind it. */
export interface Workbench {
	server(options?: OpenAiServerOptions): Promise<OpenAiServer>;
	/** TLS before a server, on a port of its own; answers the port. */
	tls(server: { readonly port: number }, certificate: Certificate): Promise<number>;
	/** Something else than a web server; answers the port. */
	raw(serve: (socket: Socket) => void): Promise<number>;
	/** A port whose connections are never accepted, as behind a firewall that drops them. */
	blackHole(): Promise<number>;
	/** A port at which nothing listens. */
	closedPort(): Promise<number>;
}

export interface Setup {
	/** Completes "tells of …". */
	readonly name: string;
	/** Makes it; answers what is configured, and what mends it where that is not done by a fix of ours. */
	readonly make: (bench: Workbench) => Promise<{
		readonly env: Environment;
		readonly ambient?: Environment;
		/** What a person does elsewhere when told to. */
		readonly mend?: () => Promise<unknown> | unknown;
	}>;
	/** The first finding that failed, or that warns. */
	readonly finds: {
		readonly id: string;
		readonly status?: "failed" | "warning";
		readonly seen?: RegExp;
		readonly cause?: RegExp;
	};
	/**
	 * The fix that is taken, by its label: applied, the next run is green. A key that is asked for is `secret`. `none`:
	 * it is said what to do elsewhere, and there is nothing this side could do to try it.
	 */
	readonly fix: RegExp | "none";
	readonly options?: Partial<ExamineOptions>;
}

export async function withWorkbench<T>(work: (bench: Workbench) => Promise<T>): Promise<T> {
	const closing: (() => unknown)[] = [];
	const listening = async (server: Server) => {
		const sockets = new Set<Socket>();
		server.on("connection", (socket: Socket) => {
			sockets.add(socket);
			socket.on("error", () => socket.destroy());
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		closing.push(() => {
			for (const socket of sockets) socket.destroy();
			return new Promise((done) => server.close(done));
		});
		return (server.address() as { port: number }).port;
	};
	const bench: Workbench = {
		server: async (options) => {
			const server = await OpenAiServer.start(options);
			closing.push(() => server.close());
			return server;
		},
		tls: ({ port }, certificate) =>
			listening(
				createTlsServer({ ...certificate }, (socket) => {
					const inner = connect(port, "127.0.0.1");
					inner.on("error", () => socket.destroy());
					socket.on("error", () => inner.destroy());
					socket.pipe(inner).pipe(socket);
				}),
			),
		raw: (serve) => listening(createServer(serve)),
		closedPort: async () => {
			const server = createServer();
			await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
			const { port } = server.address() as { port: number };
			await new Promise((done) => server.close(done));
			return port;
		},
		blackHole: async () => {
			const { child, port } = await stoppedListener();
			closing.push(() => child.kill("SIGKILL"));
			closing.push(await filledQueue(port));
			return port;
		},
	};
	try {
		return await work(bench);
	} finally {
		for (const close of closing.reverse()) await close();
	}
}

/** A process that listens and is stopped, so that it accepts nothing. */
async function stoppedListener(): Promise<{ child: ChildProcess; port: number }> {
	const code =
		'const s=require("net").createServer();s.listen({port:0,host:"127.0.0.1",backlog:1},()=>console.log(s.address().port))';
	const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
	const port = await new Promise<number>((resolve) =>
		child.stdout.once("data", (data: Buffer) => resolve(Number(data.toString()))),
	);
	child.kill("SIGSTOP");
	return { child, port };
}

/** Fills the queue of connections that wait to be accepted; the kernel then answers no more. */
async function filledQueue(port: number): Promise<() => void> {
	const sockets: Socket[] = [];
	for (let full = false; !full; ) {
		const socket = connect(port, "127.0.0.1");
		socket.on("error", () => socket.destroy());
		sockets.push(socket);
		full = await new Promise<boolean>((resolve) => {
			const timer = setTimeout(() => resolve(true), 400);
			socket.once("connect", () => {
				clearTimeout(timer);
				resolve(false);
			});
		});
	}
	return () => {
		for (const socket of sockets) socket.destroy();
	};
}

/** The endpoint of both roles. */
export function envOf(baseUrl: string, more: Environment = {}): Environment {
	return {
		LLM_PROVIDER: "openai",
		LLM_BASE_URL: baseUrl,
		LLM_API_KEY: secret,
		LLM_CHOICE: "test-chat",
		EMBEDDING_MODEL_CHOICE: "test-embed",
		...more,
	};
}

export async function examined(
	env: Environment,
	ambient: Environment,
	options: Partial<ExamineOptions> = {},
): Promise<Report> {
	const report = await examine({
		env,
		ambient,
		roles: ["configuration", "llm", "embedding"],
		deadline: 20_000,
		...options,
	});
	const page = toHtml(report, { worded: inSettings, changes: [], nonce: "n" });
	const keys = [env.LLM_API_KEY, env.EMBEDDING_API_KEY, env.AZURE_OPENAI_API_KEY, ambient.OPENAI_API_KEY];
	for (const hidden of [secret, headerSecret, ...keys.filter((key) => key)])
		for (const text of [JSON.stringify(report), toText(report), toMarkdown(report, undefined), page])
			assert.ok(!text.includes(hidden as string), `a key is in a report: ${text}`);
	return report;
}

/** The environment after a fix was applied, as the settings panel or the person would. */
export function applied(env: Environment, fix: Fix): Environment {
	if (fix.kind === "set")
		return { ...env, ...Object.fromEntries(fix.changes.map(({ variable, value }) => [variable, value])) };
	if (fix.kind === "enter-key") return { ...env, [fix.variable]: secret };
	return env;
}

export function firstTrouble({ findings }: Report): Finding | undefined {
	return (
		findings.find(({ status }) => status === "failed") ?? findings.find(({ status }) => status === "warning")
	);
}

/** Defines a test for each set-up: its cause is named, nothing of the key is told, and the fix makes it green. */
export function defineSetups(setups: readonly Setup[]): void {
	for (const { name, make, finds, fix: wanted, options } of setups) {
		it(`tells of ${name}`, () =>
			withWorkbench(async (bench) => {
				const { env, ambient = {}, mend } = await make(bench);
				const report = await examined(env, ambient, options);
				const found = firstTrouble(report);
				const text = toText(report);
				assert.equal(found?.id, finds.id, text);
				assert.equal(found.status, finds.status ?? "failed", text);
				if (finds.seen) assert.match(found.seen, finds.seen);
				if (finds.cause) assert.match(found.cause ?? "", finds.cause);
				assert.ok(found.fixes.length > 0, "says what to do");
				if (wanted === "none") return;
				const fix = found.fixes.find(({ label }) => wanted.test(label));
				assert.ok(fix, `offers ${wanted}: ${found.fixes.map(({ label }) => label).join("; ")}`);
				await mend?.();
				const after = await examined(applied(env, fix), ambient, options);
				assert.equal(worstOf(after.findings), "ok", toText(after));
			}));
	}
}
