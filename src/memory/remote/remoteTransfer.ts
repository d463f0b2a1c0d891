import type { ImportRequest } from "../requests.ts";
import type { SecretGuard } from "../secrets/secretGuard.ts";
import {
	type ExportedMemory,
	type ImportOptions,
	type ImportOutcome,
	inPages,
} from "../transfer/transfer.ts";
import type { UserMemory } from "../userMemory.ts";
import { guarded } from "./guarded.ts";
import type { TeamClient } from "./teamClient.ts";

/** ms: the server embeds them first. */
const importTimeout = 660_000;
/** Characters of one request: the server takes a megabyte. */
const mostAtOnce = 400_000;

type RemoteTransferOf = UserMemory["transfer"];

/** Takes memories into a team's server, and out of it. */
export class RemoteTransfer implements RemoteTransferOf {
	readonly #call: TeamClient["call"];
	readonly #guard: SecretGuard;

	constructor(call: TeamClient["call"], guard: SecretGuard) {
		this.#call = call;
		this.#guard = guard;
	}

	async importAll(
		requests: readonly ImportRequest[],
		options: ImportOptions = {},
	): Promise<readonly ImportOutcome[]> {
		const checked = await Promise.all(requests.map((request) => guarded(this.#guard, request, false)));
		const outcomes: ImportOutcome[] = [];
		for (const some of inParts(checked.map(({ value }) => value)))
			outcomes.push(...(await this.#call("transfer.importAll", [some, options], { timeout: importTimeout })));
		return outcomes.map(({ event, isRedacted }, index) => ({
			event,
			isRedacted: isRedacted || checked[index]?.note !== undefined,
		}));
	}

	async sourceIds(): Promise<Set<string>> {
		return new Set(await this.#call("transfer.sourceIds", []));
	}

	async isEmpty(): Promise<boolean> {
		return this.#call("transfer.isEmpty", []);
	}

	all(): AsyncGenerator<ExportedMemory> {
		return inPages((after) => this.#call("transfer.page", [after]));
	}
}

function* inParts(requests: readonly ImportRequest[]): Generator<readonly ImportRequest[]> {
	let part: ImportRequest[] = [];
	let length = 0;
	for (const request of requests) {
		const own = JSON.stringify(request).length;
		if (part.length > 0 && length + own > mostAtOnce) {
			yield part;
			part = [];
			length = 0;
		}
		part.push(request);
		length += own;
	}
	if (part.length > 0) yield part;
}
