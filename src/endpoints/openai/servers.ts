import { type EndpointRole, type HttpEndpoint, serversOf } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import { EndpointError, type EndpointErrorKind } from "../endpointError.ts";
import type { EndpointHealth } from "../endpointHealth.ts";
import { OpenAiClient, type RequestOptions } from "./client.ts";
import { LimitError, Limiter, type RequestBudget } from "./limiter.ts";

export interface ServersOptions {
	readonly health?: EndpointHealth | undefined;
	readonly budget?: RequestBudget | undefined;
	/** ms since some moment, whatever happens to the clock. */
	readonly elapsed?: (() => number) | undefined;
	/**
	 * Examines a server before its first request, and when it was left out; not a server that is alone.
	 * @param hasOthers whether there is another one to ask, so that nobody has to wait long for this one.
	 * @throws EndpointError if it must not be used.
	 */
	readonly examine?: (server: OpenAiClient, signal: AbortSignal, hasOthers: boolean) => Promise<void>;
}

/** Asks one server. @param options of each request. */
type Work<T> = (server: OpenAiClient, options: RequestOptions) => Promise<T>;

interface ServersRequest extends RequestOptions {
	/** ms that a server may take while there is another one to ask. Default: as for the last. */
	readonly timeoutOfFirst?: number | undefined;
}

/** Requests to one server at the same time: one on the user's own machine handles a few at best. */
const atOnce = 4;

/** Faults that may be over at any moment … */
const passing: readonly EndpointErrorKind[] = [
	"unreachable",
	"proxy",
	"connection-lost",
	"timeout",
	"rate-limited",
	"loading",
	"server-error",
];
/** … and those that somebody has to mend. All others are about the request: another server would answer the same. */
const lasting: readonly EndpointErrorKind[] = [
	"unauthorized",
	"payment",
	"model-not-found",
	"not-found",
	"no-api",
	"bad-vectors",
	"dimensions",
	"other-vectors",
];

/** Those that say nothing about the request. */
const away: readonly EndpointErrorKind[] = ["unreachable", "proxy"];

/** ms that a server is left out after a fault; doubled with each further one. */
const firstPause = { passing: 1000, lasting: 60_000 };
const longestPause = 300_000;
/** The longest that a server may ask for itself. */
const longestAsked = 3_600_000;

interface Server {
	readonly client: OpenAiClient;
	readonly limiter: Limiter;
	/** In a row. */
	faults: number;
	/** By `elapsed`. */
	outUntil: number;
	lastUsed: number;
	examination: Promise<void> | undefined;
}

/**
 * The servers of one model: each request goes to the one with the least to do. One that fails is left out and tried
 * again after a growing pause, and the request goes to the next.
 */
export class Servers {
	readonly #servers: readonly Server[];
	readonly #log: Log;
	readonly #options: ServersOptions;
	readonly #elapsed: () => number;
	readonly #stop = new AbortController();
	#requests = 0;

	constructor(endpoint: HttpEndpoint, role: EndpointRole, log: Log, options: ServersOptions = {}) {
		const { maxConcurrency = atOnce, requestsPerMinute: perMinute } = endpoint;
		this.#servers = serversOf(endpoint).map((each) => {
			const limiter = new Limiter({
				atOnce: maxConcurrency,
				perMinute,
				// A search waits for its vector; what a save waits for is finished later.
				reserves: role === "embedding",
				server: { role, url: each.baseUrl },
				budget: options.budget,
			});
			const client = new OpenAiClient(each, role, log, options.health, limiter);
			return { client, limiter, faults: 0, outUntil: 0, lastUsed: 0, examination: undefined };
		});
		this.#log = log;
		this.#options = options;
		this.#elapsed = options.elapsed ?? (() => performance.now());
	}

	/** Asks servers until one answers; each is asked again only where no other one is left. @throws as `OpenAiClient.request` */
	async request<T>(work: Work<T>, options: ServersRequest = {}): Promise<T> {
		const left = new Set(this.#servers);
		const failed: { readonly server: Server; readonly error: EndpointError }[] = [];
		for (let server = this.#best(left); server; server = this.#best(left)) {
			left.delete(server);
			const begun = this.#elapsed();
			const { faults } = server;
			// Asked only because no other one works, it waits no longer for that.
			const isOut = server.outUntil > begun;
			try {
				const isLast = this.#working(left).length === 0;
				await this.#examine(server, options.signal, !isLast);
				const once = { ...options, timeout: options.timeoutOfFirst ?? options.timeout, attempts: 1 };
				const answer = await work(server.client, isLast ? options : once);
				if (server.faults === faults) this.#takeBack(server);
				return answer;
			} catch (error) {
				const isFault =
					error instanceof EndpointError && (passing.includes(error.kind) || lasting.includes(error.kind));
				if (this.#servers.length === 1 || !isFault) throw error;
				// Others may have failed in the same moment.
				if (!isOut && server.faults === faults && !(error instanceof LimitError))
					this.#leaveOut(server, error, this.#elapsed() - begun);
				failed.push({ server, error });
			}
		}
		// A request on which every server fails that can be reached may be the cause.
		const reached = failed.filter(({ error: { kind } }) => !away.includes(kind));
		if (reached.every(({ error }) => error.kind === "server-error"))
			for (const { server } of reached) this.#takeBack(server);
		const mayPass = [...reached, ...failed].find(({ error: { kind } }) => passing.includes(kind));
		throw (mayPass ?? failed[0])?.error;
	}

	dispose(): void {
		this.#stop.abort(new Error("shutting down"));
	}

	#working(servers: Iterable<Server>): Server[] {
		const now = this.#elapsed();
		return [...servers].filter(({ outUntil }) => outUntil <= now);
	}

	/** The one with the least to do; if all are left out, the one that has been so for the longest part of its pause. */
	#best(servers: ReadonlySet<Server>): Server | undefined {
		const working = this.#working(servers);
		const [best] =
			working.length > 0
				? working.sort((a, b) => a.limiter.load - b.limiter.load || a.lastUsed - b.lastUsed)
				: [...servers].sort((a, b) => a.outUntil - b.outUntil);
		if (best) best.lastUsed = this.#requests += 1;
		return best;
	}

	async #examine(server: Server, signal: AbortSignal | undefined, hasOthers: boolean): Promise<void> {
		const { examine } = this.#options;
		if (!examine || this.#servers.length === 1) return;
		// Shared by all requests that need it, so none of them cancels it.
		server.examination ??= examine(server.client, this.#stop.signal, hasOthers);
		const { examination } = server;
		await (signal ? Promise.race([examination, aborted(signal)]) : examination).catch((error: unknown) => {
			if (!signal?.aborted && server.examination === examination) server.examination = undefined;
			throw error;
		});
	}

	#leaveOut(server: Server, error: EndpointError, duration: number): void {
		const { baseUrl } = server.client.endpoint;
		const first = lasting.includes(error.kind) ? firstPause.lasting : firstPause.passing;
		const growing = Math.min(longestPause, first * 2 ** server.faults);
		const asked = Math.min(longestAsked, error.retryAfter ?? 0);
		// A server that lets requests wait costs more with each attempt.
		const pause = Math.max(growing, asked, Math.min(longestPause, duration));
		server.faults += 1;
		server.outUntil = this.#elapsed() + pause;
		server.examination = undefined;
		this.#options.health?.leaveOut(baseUrl, error.message);
		this.#log.warn(`${baseUrl} is left out for ${Math.ceil(pause / 1000)} s: ${error.message}`);
	}

	#takeBack(server: Server): void {
		if (server.faults === 0) return;
		const { baseUrl } = server.client.endpoint;
		server.faults = 0;
		server.outUntil = 0;
		this.#options.health?.takeBack(baseUrl);
		this.#log.info(`${baseUrl} is used again.`);
	}
}

function aborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		signal.throwIfAborted();
		signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
}
