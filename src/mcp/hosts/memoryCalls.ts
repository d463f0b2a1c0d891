import type { IncomingMessage, ServerResponse } from "node:http";
import type * as z from "zod";
import type { Clock } from "../../config/clock.ts";
import type { MemoryService } from "../../memory/memoryService.ts";
import type { ProbeOutcome } from "../../memory/probe.ts";
import { type CallName, calls } from "../../memory/remote/calls.ts";
import { type SentError, toSent } from "../../memory/remote/errors.ts";
import { Seals } from "../../memory/remote/seal.ts";
import { decodeText, EncodingError } from "../../text/decodeText.ts";
import { quoted } from "../quoted.ts";
import type { Caller, Standing } from "./access/caller.ts";
import type { RateLimits } from "./access/limits.ts";
import { type Refusal, refuse, serverEnds } from "./admission.ts";
import { readBytes } from "./body.ts";
import type { limitConnections } from "./connections.ts";
import { contentRefusal } from "./exchange.ts";

const callPath = /^(?:https?:\/\/[^/?#]+)?\/mcp\/memory\/([\w.]+)\/?(?:\?|$)/i;

/** Event streams that one person may have open, and all together. */
const mostStreams = { ofOne: 50, all: 1000 };

export interface MemoryCallsOptions {
	readonly memoryOf: (caller: Caller) => MemoryService;
	/** See SharedMemory. */
	readonly probe: (caller: Caller) => Promise<ProbeOutcome>;
	readonly version: string;
	readonly limits: RateLimits;
	readonly connections: ReturnType<typeof limitConnections>;
	/** Whether somebody who was let in still is. */
	readonly standing: (caller: Caller) => Promise<Standing>;
	readonly isClosing: () => boolean;
	/** ms between signs of life on an event stream. */
	readonly keepAlive: number;
	readonly clock: Clock;
}

/** The name of what a URL asks a memory to do; undefined for another URL. */
export function memoryCallIn(url: string | undefined): string | undefined {
	return callPath.exec(url ?? "")?.[1];
}

/** Does for windows and command lines elsewhere what they would do themselves where the database is. */
export class MemoryCalls {
	readonly #options: MemoryCallsOptions;
	readonly #seals = new Seals();
	/** By whose it is. */
	readonly #streams = new Map<ServerResponse, string>();

	constructor(options: MemoryCallsOptions) {
		this.#options = options;
	}

	/** Answers a request of somebody who was let in. */
	async serve(
		request: IncomingMessage,
		response: ServerResponse,
		caller: Caller,
		name: string,
	): Promise<void> {
		if (name === "changes") return this.#stream(request, response, caller);
		const { limits, connections, isClosing } = this.#options;
		if (request.method !== "POST") return refuse(response, 405, -32000, "Use POST.");
		const person = caller.actor?.userId;
		const begun = person === undefined ? undefined : limits.begin(person);
		if (begun && "refusal" in begun) return refuse(response, ...begun.refusal);
		response.once("close", () => begun?.end());
		const refusal = contentRefusal(request);
		if (refusal) return refuse(response, ...refusal);
		const body = await readBytes(request);
		if (response.destroyed) return;
		if (isClosing()) return refuse(response, ...serverEnds);
		if ("refusal" in body) return refuse(response, ...body.refusal);
		connections.answering(response);
		const gone = new AbortController();
		response.once("close", () => gone.abort(new Error("nobody waits for the answer")));
		await this.#answer(response, caller, name, body.bytes, gone.signal);
	}

	async #answer(
		response: ServerResponse,
		caller: Caller,
		name: string,
		body: Uint8Array,
		signal: AbortSignal,
	): Promise<void> {
		const args = argumentsIn(name, body);
		if ("problem" in args) return send(response, 400, { error: { kind: "call", message: args.problem } });
		const { memoryOf, version, probe } = this.#options;
		const admin = caller.actor?.admin ?? true;
		const context = { seals: this.#seals, version, admin, signal, probe: () => probe(caller) };
		try {
			// What the arguments are is what the call of this name takes.
			const run = calls[args.name].run as (...parts: unknown[]) => unknown;
			const result = await run(memoryOf(caller), args.values, context);
			send(response, 200, { result });
		} catch (error) {
			if (signal.aborted) return;
			const sent = toSent(error);
			if (!sent) throw error;
			send(response, statusOf(sent), { error: sent });
		}
	}

	/** Tells that memories have changed, until the other side has enough or is let in no more. */
	#stream(request: IncomingMessage, response: ServerResponse, caller: Caller): void {
		const { memoryOf, standing, keepAlive, clock, connections } = this.#options;
		const person = caller.actor?.userId ?? "";
		const refusal = contentRefusal(request) ?? this.#noStream(request, person);
		if (refusal) {
			refuse(response, ...refusal);
			return;
		}
		connections.answering(response);
		this.#streams.set(response, person);
		response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
		// Whoever reads slowly, or not at all, still has an event to read, and looks then.
		const write = (event: string) => void (response.writableNeedDrain || response.write(event));
		write(": \n\n");
		const following = memoryOf(caller).onDidChange(() => write("data: changed\n\n"));
		const live = async () => {
			write(": \n\n");
			if ((await standing(caller).catch(() => "in")) !== "in") response.destroy();
			if (!response.destroyed) cancel = clock.after(keepAlive, live);
		};
		let cancel = clock.after(keepAlive, live);
		response.once("close", () => {
			cancel();
			following.dispose();
			this.#streams.delete(response);
		});
	}

	#noStream({ method }: IncomingMessage, person: string): Refusal | undefined {
		if (method !== "GET") return [405, -32000, "Use GET."];
		const own = [...this.#streams.values()].filter((each) => each === person).length;
		return own >= mostStreams.ofOne || this.#streams.size >= mostStreams.all
			? [503, -32000, "Too many windows listen. Close one, and try again."]
			: undefined;
	}

	/** Ends the event streams, which otherwise never end. */
	close(): void {
		for (const response of this.#streams.keys()) response.end();
	}
}

function argumentsIn(
	name: string,
	body: Uint8Array,
): { readonly name: CallName; readonly values: unknown } | { readonly problem: string } {
	if (!Object.hasOwn(calls, name)) return { problem: `There is no call ${quoted(name)}.` };
	const known = name as CallName;
	let given: unknown;
	try {
		given = JSON.parse(decodeText(body));
	} catch (error) {
		if (!(error instanceof SyntaxError || error instanceof EncodingError)) throw error;
		return { problem: "The body is not JSON in UTF-8." };
	}
	const { args }: { readonly args: readonly z.ZodType[] } = calls[known];
	const { length } = args;
	if (!Array.isArray(given) || given.length > length)
		return { problem: `${name} takes a list of ${length} arguments at most.` };
	const values: unknown[] = [];
	for (const [index, schema] of args.entries()) {
		// In a list, JSON has null for what is not given.
		const parsed = schema.safeParse(given[index] ?? undefined);
		const [issue] = parsed.error?.issues ?? [];
		if (issue) {
			const place = [index, ...issue.path].join(".");
			return { problem: `${name} does not take this, at ${quoted(place)}: ${quoted(issue.message)}` };
		}
		values.push(parsed.data);
	}
	return { name: known, values };
}

function statusOf(error: SentError): number {
	if (error.kind === "store") return 503;
	if (error.kind === "conflict") return 409;
	return error.kind === "rights" ? 403 : error.kind === "memory" ? 404 : 400;
}

function send(
	response: ServerResponse,
	status: number,
	body: { result: unknown } | { error: SentError },
): void {
	if (response.destroyed) return;
	response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
	response.end(JSON.stringify("result" in body ? { result: body.result ?? null } : body));
}
