import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config/config.ts";
import { silentLog } from "../../config/log.ts";
import type { ChatModel } from "../../endpoints/chatModel.ts";
import { errorText } from "../../memory/errorText.ts";
import type { MemoryService } from "../../memory/memoryService.ts";
import { type Bundles, openMemory } from "../../memory/openMemory.ts";
import type { CheckResult } from "../findings.ts";
import type { Fix } from "../report.ts";

/** Says nothing of anybody. */
const probe = "The probe of the Endpoint Doctor is painted in ultramarine blue.";
const question = "Which colour is the probe painted in?";

export interface RoundTripOptions {
	readonly config: Config;
	readonly bundles: Bundles;
	readonly hostModel: ChatModel | undefined;
	/** ms */
	readonly deadline: number;
	readonly signal: AbortSignal;
}

/** Saves, finds and deletes a memory the way agents do, in a store of its own that is gone afterwards. */
export async function checkRoundTrip(options: RoundTripOptions): Promise<CheckResult> {
	const { config, bundles, hostModel, deadline, signal } = options;
	signal.throwIfAborted();
	const folder = await mkdtemp(join(tmpdir(), "mcp-mem0-doctor-"));
	let memory: MemoryService | undefined;
	const whole = (async () => {
		try {
			memory = await openMemory({
				config: { ...config, memoryDir: folder, userId: "doctor" },
				bundles,
				log: silentLog,
				hostModel,
			});
			return await trip(memory);
		} catch (error) {
			return failure("could not be made", errorText(error));
		} finally {
			await memory?.dispose();
			await rm(folder, { recursive: true, force: true, maxRetries: 5 });
		}
	})();
	const stopped = new AbortController();
	const cancelled = once(signal, "abort", { signal: stopped.signal }).then(() =>
		Promise.reject(signal.reason),
	);
	const late = sleep(deadline, undefined, { signal: stopped.signal }).then(() => tooSlow(deadline));
	// Both end with the race, whoever wins it.
	for (const loser of [whole, cancelled, late]) loser.catch(() => undefined);
	try {
		return await Promise.race([whole, cancelled, late]);
	} finally {
		stopped.abort();
		// What hangs is told to come to an end, and cleans up behind itself.
		void memory?.dispose();
	}
}

async function trip(memory: MemoryService): Promise<CheckResult> {
	const begun = performance.now();
	const { memories, mode, pending, note } = await memory.save({ text: probe });
	const saved = memories[0];
	if (!saved) return failure("was saved, and is not there", note ?? "The save made no memory.");
	const found = await memory.search({ query: question });
	if (!found.memories.some(({ id }) => id === saved.id))
		return failure("was saved, and is not found", found.note ?? "The search does not answer with it.");
	await memory.delete(saved.id);
	const { memories: others } = await memory.list({ scope: "all" });
	const left = others.some(({ id }) => id === saved.id);
	if (left) return failure("was deleted, and is still there", "The store did not delete it.");
	const took = `${Math.round(performance.now() - begun)} ms`;
	const how = mode === "distilled" ? "distilled to a fact" : "kept word for word";
	if (pending.length > 0)
		return {
			status: "warning",
			seen: `A probe memory was saved, found and deleted; its ${pending.join(" and ")} did not come about.`,
			cause: note ?? "A model did not answer in time. In the real memory, it would follow in the background.",
			fixes: [{ kind: "advice", label: "See the checks of the models" }],
		};
	return { status: "ok", seen: `A probe memory was saved (${how}), found and deleted in ${took}.` };
}

function failure(what: string, cause: string): CheckResult {
	const fixes: readonly Fix[] = [{ kind: "advice", label: "See the log, and report it if it stays" }];
	return { status: "failed", seen: `A probe memory ${what}.`, cause, fixes };
}

function tooSlow(deadline: number): CheckResult {
	return {
		status: "warning",
		seen: `Saving, finding and deleting a probe memory took longer than ${deadline / 1000} s.`,
		cause:
			"The language model is slow with long prompts. Real saves are safe before it is asked, and do not wait for it.",
		fixes: [
			{
				kind: "open-setting",
				label: "Allow more time for a check",
				variable: "DIAGNOSTICS_TIMEOUT",
			},
		],
	};
}
